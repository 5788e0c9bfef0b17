import { execFile } from "node:child_process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
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
  test("creates its logger once, after the first line at the level", async () => {
    const { logger, lines, created } = capture("info");
    logger.debug("below the level");
    await nextTurn();
    expect(created()).toBe(0);
    logger.info("first", { a: 1 });
    logger.error("second");
    expect(created()).toBe(0);
    await nextTurn();
    expect(created()).toBe(1);
    expect(lines).toEqual([
      ["info", "first", { a: 1 }],
      ["error", "second", undefined],
    ]);
  });

  test("writes at once when its logger is there", async () => {
    const { logger, lines, created } = capture("info");
    logger.info("first");
    await nextTurn();
    logger.warn("second");
    expect(lines).toHaveLength(2);
    expect(created()).toBe(1);
  });

  test("leaves no listener on the process", async () => {
    const before = process.listenerCount("exit");
    const { logger } = capture("info");
    logger.info("first");
    await nextTurn();
    expect(process.listenerCount("exit")).toBe(before);
  });

  test("writes what waits when the process ends", async () => {
    const script = `
      import { createLazyLogger } from "./lazy-logger.ts";
      const logger = createLazyLogger({ level: "info", redact: (text) => text, isPretty: false });
      logger.error("the last line");
      process.exit();
    `;
    const { stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { cwd: import.meta.dirname },
    );
    expect(JSON.parse(stderr)).toMatchObject({ level: "error", message: "the last line" });
  });

  test.each([
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
  ] as const)("at level %s, writes %j", async (level, written) => {
    const { logger, lines } = capture(level);
    for (const each of levels) logger[each](each);
    await nextTurn();
    expect(lines).toEqual(written.map((each) => [each, each, undefined]));
    expect(levels.filter((each) => logger.isLevelEnabled?.(each))).toEqual(written);
  });

  test("is the silent logger where the log is silent", () => {
    expect(capture("silent").logger).toBe(silentLogger);
  });
});
