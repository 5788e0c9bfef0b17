import { execFile } from "node:child_process";
import { Writable } from "node:stream";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import winston from "winston";
import { FakeClock } from "../clock/fake-clock.ts";
import { callRecord } from "./__fixtures__/call-record.ts";
import { createJsonLogger } from "./json-logger.ts";
import { createLogger, silentLogger, type LineLevel, type Logger } from "./logger.ts";

const levels = ["error", "warn", "info", "debug"] as const;
const redact = (text: string) => text.replaceAll("secret", "[redacted]");

/** A logger, and what it writes at one time. */
function capture(level: LineLevel | "silent" = "debug") {
  const writes: string[] = [];
  const clock = new FakeClock();
  const logger = createJsonLogger({ level, redact, clock, write: (lines) => writes.push(lines) });
  return { logger, clock, writes, entries: () => entriesOf(writes) };
}

function entriesOf(writes: readonly string[]): unknown[] {
  const lines = writes.join("").split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line): unknown => JSON.parse(line));
}

/** The entries of the same lines by winston. */
function byWinston(log: (logger: Logger) => void): unknown[] {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level: "debug", redact, isPretty: false });
  logger.clear().add(new winston.transports.Stream({ stream }));
  log(logger);
  return entriesOf(writes);
}

const circle: Record<string, unknown> = { name: "a" };
circle["self"] = circle;

describe("a line", () => {
  test.each<[string, object | undefined]>([
    ["a call", { call: callRecord() }],
    ["nothing more", undefined],
    ["a secret, however deep", { list: ["secret", { deep: "my secret" }] }],
    ["an error in a field", { error: new TypeError("secret", { cause: new Error("why") }) }],
    ["an error as the fields", new RangeError("too far", { cause: "why" })],
    ["what JSON does not have", { circle, at: new Date(0), big: 12n, none: null, run: () => 1 }],
    ["fields with the names of its own", { level: "x", message: "y", timestamp: "z" }],
  ])("with %s is the line that winston writes", async (_, fields) => {
    const { logger, clock, entries } = capture();
    logger.info("the secret", fields);
    await clock.advance(10);
    const timestamp = "2026-01-01T00:00:00.000Z";
    const [expected] = byWinston((logger) => logger.info("the secret", fields));
    expect(entries()).toEqual([{ ...(expected as object), timestamp }]);
  });

  test("has the message of an error once", async () => {
    const { logger, clock, entries } = capture();
    logger.info("It failed:", new RangeError("too far"));
    await clock.advance(10);
    const [byUs, byThem] = [
      entries(),
      byWinston((logger) => logger.info("It failed:", new RangeError("too far"))),
    ];
    for (const [entry] of [byUs, byThem]) {
      expect(entry).toMatchObject({ message: "It failed: too far" });
      expect(JSON.stringify(entry).match(/too far/g)).toHaveLength(1);
    }
  });

  test("has the values of its fields at the time of logging", async () => {
    const { logger, clock, entries } = capture();
    const fields = { state: "before" };
    logger.info("x", fields);
    fields.state = "after";
    await clock.advance(10);
    expect(entries()).toMatchObject([{ state: "before" }]);
    expect(fields).toEqual({ state: "after" });
  });
});

describe("the lines of 10 ms", () => {
  test("are written together, after them", async () => {
    const { logger, clock, writes, entries } = capture();
    logger.info("first");
    logger.warn("second");
    await clock.advance(9);
    expect(writes).toEqual([]);
    await clock.advance(1);
    expect(writes).toHaveLength(1);
    expect(entries()).toMatchObject([{ message: "first" }, { message: "second" }]);
    logger.info("third");
    await clock.advance(10);
    expect(writes).toHaveLength(2);
  });

  test("are written at once with an error, in their order", async () => {
    const { logger, clock, writes, entries } = capture();
    logger.info("first");
    logger.error("second");
    expect(entries()).toMatchObject([{ message: "first" }, { message: "second" }]);
    logger.info("third");
    await clock.advance(10);
    expect(entries()).toMatchObject([{}, {}, { message: "third" }]);
    expect(writes).toHaveLength(2);
  });

  test("are written when the process ends, to standard error, without winston", async () => {
    const script = `
      import { createJsonLogger } from "./json-logger.ts";
      import { createRequire } from "node:module";
      const logger = createJsonLogger({ level: "info", redact: (text) => text });
      logger.info("the last line");
      const { cache } = createRequire(import.meta.url);
      process.stdout.write(String(Object.keys(cache).some((file) => file.includes("winston"))));
      process.exit();
    `;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { cwd: import.meta.dirname },
    );
    expect(JSON.parse(stderr)).toMatchObject({ level: "info", message: "the last line" });
    expect(stdout).toBe("false");
  });

  test("leave no listener on the process and no timer", async () => {
    const before = process.listenerCount("exit");
    const { logger, clock } = capture();
    logger.info("first");
    logger.error("second");
    logger.info("third");
    await clock.advance(10);
    expect([process.listenerCount("exit"), clock.sleeping]).toEqual([before, 0]);
  });
});

test.each([
  ["error", ["error"]],
  ["warn", ["error", "warn"]],
  ["info", ["error", "warn", "info"]],
  ["debug", ["error", "warn", "info", "debug"]],
] as const)("at level %s, writes %j", async (level, written) => {
  const { logger, clock, entries } = capture(level);
  for (const each of levels) logger[each](each);
  await clock.advance(10);
  expect(entries()).toMatchObject(written.map((each) => ({ level: each, message: each })));
  expect(levels.filter((each) => logger.isLevelEnabled?.(each))).toEqual(written);
});

test("is the silent logger where the log is silent", () => {
  expect(capture("silent").logger).toBe(silentLogger);
});
