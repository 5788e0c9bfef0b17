import { describe, expect, test } from "vitest";
import { createLazyLogger } from "./lazy-logger.ts";
import { silentLogger, type LineLevel, type Logger } from "./logger.ts";

const levels = ["error", "warn", "info", "debug"] as const;

/** A lazy logger over one that keeps its lines. */
function capture(level: LineLevel | "silent") {
  const lines: unknown[] = [];
  let created = 0;
  const keep =
    (each: LineLevel) =>
    (...line: unknown[]) =>
      lines.push([each, ...line]);
  const create = (): Logger => {
    created += 1;
    return { error: keep("error"), warn: keep("warn"), info: keep("info"), debug: keep("debug") };
  };
  const logger = createLazyLogger({ level, redact: (text) => text }, create);
  return { logger, lines, created: () => created };
}

describe("createLazyLogger", () => {
  test("creates its logger with the first line at the level, once", () => {
    const { logger, lines, created } = capture("info");
    logger.debug("below the level");
    expect(created()).toBe(0);
    logger.info("first", { a: 1 });
    logger.error("second");
    expect(created()).toBe(1);
    expect(lines).toEqual([
      ["info", "first", { a: 1 }],
      ["error", "second", undefined],
    ]);
  });

  test.each([
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
  ] as const)("at level %s, writes %j", (level, written) => {
    const { logger, lines } = capture(level);
    for (const each of levels) logger[each](each);
    expect(lines).toEqual(written.map((each) => [each, each, undefined]));
    expect(levels.filter((each) => logger.isLevelEnabled?.(each))).toEqual(written);
  });

  test("is the silent logger where the log is silent", () => {
    expect(capture("silent").logger).toBe(silentLogger);
  });
});
