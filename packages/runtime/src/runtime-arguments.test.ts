import { RunnableLambda } from "@langchain/core/runnables";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { definePipeline } from "./pipelines/index.ts";
import type { Runtime } from "./runtime.ts";
import { describeServerFirst, openOnServer } from "./test-support/databases.ts";
import { startTestRuntime, type TestRuntime } from "./test-support/test-runtime.ts";

const echo = definePipeline({ name: "echo", create: () => RunnableLambda.from((input) => input) });

/** What is no id, and what is wrong with it. */
const wrongIds: readonly [unknown, RegExp][] = [
  ["", /is empty/],
  ["a\u0000b", /control character/],
  ["a\nb", /control character/],
  ["\u001b[2J", /control character/],
  ["a\ud800", /control character/],
  ["x".repeat(257), /longer than 256 characters/],
  [42, /42: expected a text/],
  [null, /expected a text/],
];

/** Every method that takes a run's id. */
const methods: Readonly<Record<string, (runtime: Runtime, id: never) => Promise<unknown>>> = {
  get: (runtime, id) => runtime.get(id),
  events: async (runtime, id) => runtime.events(id),
  wait: (runtime, id) => runtime.wait(id),
  cancel: (runtime, id) => runtime.cancel(id),
  decide: (runtime, id) => runtime.decide(id, "x"),
  approve: (runtime, id) => runtime.approve(id),
  resume: (runtime, id) => runtime.resume(id),
  retry: (runtime, id) => runtime.retry(id),
  delete: (runtime, id) => runtime.delete(id),
};

const schedule = { key: "k", cron: "* * * * *", pipeline: "echo", input: 1 };

/** Calls that cannot work, and what their errors say. */
const wrongCalls: readonly [(runtime: Runtime) => Promise<unknown>, RegExp][] = [
  [(runtime) => runtime.start("echo", 1, { traceId: "a b" }), /start\(\): options.traceId/],
  [
    (runtime) => runtime.start("echo", 1, { traceparent: "00-1-2-01" }),
    /start\(\): options.traceparent is not a traceparent/,
  ],
  [(runtime) => runtime.start("echo", 1, { priority: 0.5 }), /options.priority/],
  [(runtime) => runtime.start("echo", 1, { priority: 2 ** 31 }), /options.priority .*32 bits/],
  [(runtime) => runtime.start("echo", 1, { deadline: new Date(NaN) }), /options.deadline/],
  [(runtime) => runtime.start("echo", 1, { deadline: new Date(-1) }), /must be 1970 or later/],
  [
    (runtime) => runtime.start("echo", 1, { deadline: new Date(8.64e15) }),
    /options.deadline must be before the year 10000/,
  ],
  [
    (runtime) => runtime.usage({ by: "day", since: new Date(-8.64e15) }),
    /usage\(\): options.since must be 1970 or later/,
  ],
  [
    (runtime) => runtime.keys.create({ name: "k", expiresAt: new Date(-8.64e15) }),
    /keys.create\(\): options.expiresAt must be 1970 or later/,
  ],
  [
    (runtime) => runtime.keys.create({ name: "k", expiresAt: new Date(8.64e15) }),
    /options.expiresAt must be before the year 10000/,
  ],
  [(runtime) => runtime.start("echo", 1, { approval: "yes" as never }), /options.approval/],
  [(runtime) => runtime.start("echo", 1, { idempotencykey: "k" } as never), /idempotencyKey/],
  [(runtime) => runtime.list({ limit: -1 }), /list\(\): options.limit must be 1 or more/],
  [(runtime) => runtime.list({ limit: NaN }), /options.limit/],
  [(runtime) => runtime.listIds({ limit: 0 }), /listIds\(\): options.limit must be 1 or more/],
  [(runtime) => runtime.list({ pipeline: "\u0000" }), /options.pipeline/],
  [(runtime) => runtime.list({ status: "done" as never }), /expected one of queued, running/],
  [
    (runtime) => runtime.list({ after: cursor("x", "id") }),
    /list\(\): options.after is not a cursor/,
  ],
  [(runtime) => runtime.list({ after: cursor("2026-02-30 00:00:00+00", "id") }), /not a cursor/],
  [(runtime) => runtime.list({ after: cursor("9".repeat(17), "id") }), /not a cursor/],
  [(runtime) => runtime.list({ after: cursor("1", "\u0000") }), /not a cursor/],
  [
    async (runtime) => runtime.events("r", { after: "x" }),
    /events\(\): options.after is not a cursor/,
  ],
  [async (runtime) => runtime.events("r", { after: NaN }), /events\(\): options.after/],
  [(runtime) => runtime.wait("r", { signal: {} as never }), /options.signal .*AbortSignal/],
  [(runtime) => runtime.cancel("r", "a\u0000"), /cancel\(\): reason has a NUL character/],
  [(runtime) => runtime.cancel("r", "a\ud800"), /half of a surrogate pair/],
  [(runtime) => runtime.cancel("r", "x".repeat(10_001)), /longer than 10,000/],
  [(runtime) => runtime.retry("r", { from: "\u0000" }), /options.from has a control character/],
  [(runtime) => runtime.schedule({ ...schedule, key: "a b" }), /options.key must be of letters/],
  [(runtime) => runtime.schedule({ ...schedule, key: "x".repeat(129) }), /128 characters/],
  [(runtime) => runtime.schedule({ ...schedule, priority: 1e10 }), /options.priority/],
  [
    (runtime) => runtime.schedule({ ...schedule, cron: "* ".repeat(200) }),
    /options.cron is longer/,
  ],
  [
    (runtime) => runtime.schedule({ ...schedule, timezone: "a\u0000" }),
    /options.timezone has a NUL/,
  ],
  [
    (runtime) => runtime.schedule({ ...schedule, pipeline: "a\ud800" }),
    /options.pipeline has a control/,
  ],
  [(runtime) => runtime.unschedule("a b"), /unschedule\(\): key must be of letters/],
  [(runtime) => runtime.work({ name: "a\u0000" }), /work\(\): options.name/],
  [
    (runtime) => runtime.work({ runs: [] }),
    /work\(\): options.runs is empty: expected ids of runs/,
  ],
  [(runtime) => runtime.work({ concurrency: 0 }), /options.concurrency must be 1 or more/],
];

function cursor(createdAt: string, id: string): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

describe("arguments of a runtime that cannot work", () => {
  let t: TestRuntime;
  beforeAll(async () => {
    t = await startTestRuntime({ database: await openOnServer(), pipelines: [echo] });
  });
  afterAll(() => t[Symbol.asyncDispose]());

  test.each(Object.entries(methods))("%s() takes nothing but ids", async (name, call) => {
    for (const [id, problem] of wrongIds) {
      const error: unknown = await call(t.runtime, id as never).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(new RegExp(`^${name}\\(\\): id `));
      expect((error as Error).message).toMatch(problem);
    }
  });

  test.each(["id", "idempotencyKey"])("start() takes nothing else for its %s", async (option) => {
    for (const [id, problem] of wrongIds) {
      const options = { [option]: id } as object;
      const error: unknown = await t.runtime
        .start("echo", 1, options)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(new RegExp(`^start\\(\\): options.${option} `));
      expect((error as Error).message).toMatch(problem);
    }
    expect((await t.runtime.list()).runs).toEqual([]);
  });

  test.each(wrongCalls)("%s", async (call, problem) => {
    await expect(call(t.runtime)).rejects.toThrow(problem);
  });
});

describeServerFirst("the longest and oddest ids", (open) => {
  test("work from start to end", async () => {
    await using t = await startTestRuntime({ database: await open(), pipelines: [echo] });
    const { runtime } = t;
    await runtime.work();
    const ids = [
      "\u{1f5fc}".repeat(128),
      "with a space end",
      "../a?b=c#d%00",
      "'; DROP TABLE runs",
    ];
    for (const id of ids) {
      const started = await runtime.start("echo", 1, { id, idempotencyKey: id });
      expect(await runtime.start("echo", 1, { idempotencyKey: id })).toMatchObject({ id });
      const events = await Array.fromAsync(runtime.events(started.id));
      expect(events.at(-1)).toMatchObject({ type: "run-end", runId: id });
      await runtime.delete(id);
    }
    expect(t.errors).toEqual([]);
  });
});
