import { execFile } from "node:child_process";
import { Writable } from "node:stream";
import { stripVTControlCharacters, promisify } from "node:util";
import { describe, expect, test } from "vitest";
import winston from "winston";
import { attemptRecord, callRecord } from "./__fixtures__/call-record.ts";
import { logEvent } from "./log-event.ts";
import { createLogger, describeCall, type LoggerOptions } from "./logger.ts";

/** A logger whose lines the test reads instead of standard error. */
function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({
    level: "debug",
    redact: (text) => text.replaceAll("secret", "[redacted]"),
    isPretty: false,
    ...options,
  });
  logger.clear().add(new winston.transports.Stream({ stream }));
  return { logger, lines, entries: () => lines.map((line): unknown => JSON.parse(line)) };
}

describe("a line of JSON", () => {
  test("holds time, level, message and fields", () => {
    const { logger, entries } = capture();
    logger.info("model call", { call: callRecord() });
    expect(entries()).toEqual([
      {
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        level: "info",
        message: "model call",
        call: callRecord(),
      },
    ]);
  });

  test("is not made for an event below the level", () => {
    const agentStart = {
      type: "agent-start",
      runId: "run-1",
      agentId: "agent-1",
      role: "researcher",
      model: "a/b",
    } as const;
    const redacted: string[] = [];
    const redact = (text: string) => {
      redacted.push(text);
      return text;
    };
    const { logger, lines } = capture({ level: "info", redact });
    logEvent(logger, agentStart);
    expect([redacted, lines]).toEqual([[], []]);
    logger.level = "debug";
    logEvent(logger, agentStart);
    expect(lines).toHaveLength(1);
  });

  test("is one line, also with line breaks in its texts", () => {
    const { logger, lines } = capture();
    logger.warn("first\nsecond", { reason: "a\r\nb\u2028c" });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n]/);
    expect(lines[0]?.endsWith("\n")).toBe(true);
  });

  test("is redacted in its message and in every field, however deep", () => {
    const { logger, lines } = capture();
    logger.error("the secret", {
      key: "a secret",
      list: ["secret", { deep: { deeper: "my secret" } }],
      url: new URL("http://127.0.0.1/?key=secret"),
    });
    expect(lines.join()).not.toContain("secret");
    expect(JSON.parse(lines.join())).toMatchObject({
      message: "the [redacted]",
      key: "a [redacted]",
      list: ["[redacted]", { deep: { deeper: "my [redacted]" } }],
      url: expect.stringContaining("[redacted]"),
    });
  });

  test("has the message and the causes of an error in a field, redacted", () => {
    const { logger, lines, entries } = capture();
    const cause = Object.assign(new TypeError("secret cause"), { code: "ECONNREFUSED" });
    logger.error("it failed", { error: new Error("secret outer", { cause }) });
    expect(entries()).toMatchObject([
      {
        message: "it failed",
        error: {
          name: "Error",
          message: "[redacted] outer",
          stack: expect.stringContaining("logger.test.ts"),
          cause: { name: "TypeError", message: "[redacted] cause", code: "ECONNREFUSED" },
        },
      },
    ]);
    expect(lines.join()).not.toContain("secret");
  });

  test("takes anything for a field: circles, dates, big numbers, functions, nothing", () => {
    const { logger, entries } = capture();
    const circle: Record<string, unknown> = { name: "a" };
    circle["self"] = circle;
    const shared = { x: 1 };
    logger.info("odd", {
      circle,
      twice: [shared, shared],
      at: new Date(0),
      big: 12n,
      none: null,
      missing: undefined,
      call: undefined,
      run: () => 1,
    });
    expect(entries()).toMatchObject([
      {
        circle: { name: "a", self: "[circular]" },
        twice: [{ x: 1 }, { x: 1 }],
        at: "1970-01-01T00:00:00.000Z",
        big: "12",
        none: null,
      },
    ]);
  });

  test("leaves the caller's objects as they are", () => {
    const { logger } = capture();
    const fields = { deep: { key: "secret" } };
    logger.info("x", fields);
    expect(fields).toEqual({ deep: { key: "secret" } });
  });
});

describe("the level", () => {
  test.each([
    ["error", ["error"]],
    ["warn", ["error", "warn"]],
    ["info", ["error", "warn", "info"]],
    ["debug", ["error", "warn", "info", "debug"]],
    ["silent", []],
  ] as const)("%s shows %j", (level, shown) => {
    const { logger, entries } = capture({ level });
    for (const each of ["error", "warn", "info", "debug"] as const) logger[each](each);
    expect(entries()).toMatchObject(shown.map((each) => ({ level: each, message: each })));
  });
});

describe("a line for people", () => {
  const pretty = (log: (logger: winston.Logger) => void) => {
    const { logger, lines } = capture({ isPretty: true });
    log(logger);
    return stripVTControlCharacters(lines.join("")).trimEnd();
  };

  test("shows a call in short", () => {
    const line = pretty((logger) => logger.info("model call", { call: callRecord() }));
    expect(line).toMatch(
      /^\d\d:\d\d:\d\d info model call researcher openai\/gpt-4o \(OpenAI\) succeeded, /,
    );
  });

  test("shows other fields by name, redacted", () => {
    const line = pretty((logger) =>
      logger.warn("retry", { model: "a/b", reason: "the secret", waitMs: 5, none: undefined }),
    );
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn retry model=a\/b reason=the \[redacted\] waitMs=5$/);
  });

  test("shows control characters as escapes, so that a server's text cannot forge a line or move the cursor", () => {
    const { logger, lines } = capture({ isPretty: true });
    const forged = "busy\u001b[2K\r\n00:00:00 info paid";
    logger.warn(forged, { reason: forged, deep: { text: "\u009b2J" } });
    const [line = "", ...more] = lines;
    expect(more).toEqual([]);
    // Only the level's color and the end of the line are ours.
    const text = stripVTControlCharacters(line).slice(0, -1);
    expect(text).not.toMatch(/\p{Cc}/u);
    expect(text).toContain(
      String.raw`busy\u001b[2K\u000d\u000a00:00:00 info paid reason=busy\u001b[2K`,
    );
    expect(text).toContain(String.raw`deep={"text":"\u009b2J"}`);
  });

  test("ends without spaces if there are no fields", () => {
    expect(pretty((logger) => logger.error("stop"))).toMatch(/^\d\d:\d\d:\d\d error stop$/);
  });
});

describe("describeCall", () => {
  test("has the model, the cost and the duration", () => {
    expect(describeCall(callRecord())).toBe(
      "researcher openai/gpt-4o (OpenAI) succeeded, 10+4 tokens, $0.000140, 1.23 s",
    );
  });

  test("has the number of requests whose cost is missing", () => {
    const unknown = { usageIsUnknown: true, costIsUnknown: true } as const;
    const attempts = [attemptRecord(unknown), attemptRecord({ number: 2 })];
    expect(describeCall(callRecord({ attempts, unknownCostAttempts: 1 }))).toContain(
      ", $0.000140, cost unknown of 1 of 2 requests, 1.23 s",
    );
  });

  test("logs which model answered instead, and the errors before", () => {
    const attempts = [
      attemptRecord({ status: 429, error: { kind: "rate_limit_error", message: "Too many" } }),
      attemptRecord({ status: undefined, error: { kind: "timeout_error", message: "Slow" } }),
      attemptRecord({ model: "gpt-4o" }),
    ];
    const call = callRecord({
      servedModel: "gpt-4o-mini",
      provider: undefined,
      fallbackUsed: true,
      attempts,
    });
    expect(describeCall(call)).toBe(
      "researcher openai/gpt-4o -> gpt-4o-mini succeeded, 10+4 tokens, $0.000140, 1.23 s, by fallback, after openai/gpt-4o: rate_limit_error 429, openai/gpt-4o: timeout_error",
    );
  });
});

test("the log is on standard error, as JSON if that is not a terminal", async () => {
  const script = `
    import { createLogger } from ${JSON.stringify(new URL("logger.ts", import.meta.url).href)};
    const logger = createLogger({ level: "debug", redact: (text) => text });
    for (const level of ["error", "warn", "info", "debug"]) logger[level]("to " + level);
  `;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    "--eval",
    script,
  ]);
  expect(stdout).toBe("");
  const lines = stderr.split("\n").filter((line) => line.startsWith("{"));
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { message: "to error" },
    { message: "to warn" },
    { message: "to info" },
    { message: "to debug" },
  ]);
});
