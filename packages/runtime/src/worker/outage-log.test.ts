import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OutageLog } from "./outage-log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log, and what it has written as `level message {fields}`. */
function startLog() {
  const lines: string[] = [];
  const write = (level: string) => (message: string, fields?: object) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const [error, warn, info, debug] = ["error", "warn", "info", "debug"].map(write);
  const log = new OutageLog({ error, warn, info, debug } as never);
  const written = async () => {
    await vi.advanceTimersByTimeAsync(0);
    return lines.splice(0);
  };
  return { log, written };
}

const refused = new Error("connect ECONNREFUSED");

describe("the log of an outage", () => {
  test("has a line at once, then every 30 seconds, and at the end one with the duration", async () => {
    const { log, written } = startLog();
    log.begin("heartbeat", refused);
    log.begin("queue", new Error("another"));
    log.begin("heartbeat", new Error("another"));
    expect(await written()).toEqual([
      'error the database cannot be used; runs wait for it {"reason":"connect ECONNREFUSED"}',
    ]);
    expect(log.current?.reason).toBe("connect ECONNREFUSED");
    await vi.advanceTimersByTimeAsync(29_999);
    expect(await written()).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_001);
    expect(await written()).toEqual(
      [30, 60].map(
        (seconds) =>
          `error the database still cannot be used {"seconds":${seconds},"reason":"connect ECONNREFUSED"}`,
      ),
    );
    log.end("heartbeat");
    expect(await written()).toEqual([]);
    log.end("queue");
    expect(await written()).toEqual(['info the database is back {"seconds":60}']);
    expect(log.current).toBeUndefined();
    expect(log.endedAt).toEqual(new Date());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await written()).toEqual([]);
  });

  test("has no line without an outage, or after its worker has ended", async () => {
    const { log, written } = startLog();
    log.end("queue");
    log.begin("queue", refused);
    expect(await written()).toHaveLength(1);
    log[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await written()).toEqual([]);
  });

  test("continues if the logger throws", async () => {
    const fail = () => {
      throw new Error("disk full");
    };
    const log = new OutageLog({ error: fail, warn: fail, info: fail, debug: fail });
    log.begin("queue", refused);
    log.end("queue");
    await vi.advanceTimersByTimeAsync(0);
    expect(log.current).toBeUndefined();
  });
});
