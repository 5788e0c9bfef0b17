import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FakeClock } from "../clock/fake-clock.ts";
import type { Clock } from "../clock/index.ts";
import { completion } from "../completions/__fixtures__/completions.ts";
import { Orchestra } from "../orchestra.ts";
import type { CallRecord } from "../usage/index.ts";

/** As code without types may do: a check that is declared to return a list returns a promise. */
const never = () => new Promise(() => undefined) as never;

function start(environment: Record<string, string> = {}, clock?: Clock) {
  const records: CallRecord[] = [];
  const quiet = () => undefined;
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LLM_MAX_RETRIES: "0",
      LLM_MAX_CONCURRENCY: "1",
      ...environment,
    },
    logger: { error: quiet, info: quiet, debug: quiet, warn: quiet },
    onCall: (record) => void records.push(record),
    ...(clock && { clock }),
    fetch: async () =>
      Response.json(completion({ message: { role: "assistant", content: '{"year":"1871"}' } })),
  });
  return { orchestra, records };
}

/** A check, and a schema with one, that say when they begin and never end. */
function checks(begin: () => void) {
  const check = () => {
    begin();
    return never();
  };
  const year = z.object({ year: z.string() });
  const refined = z.object({ year: z.string().refine(check) });
  return { check, year, refined };
}

const cases = {
  "a check of an agent": (orchestra: Orchestra, begin: () => void, signal?: AbortSignal) => {
    const { check, year: output } = checks(begin);
    return orchestra
      .agent({ name: "a", system: "s", output, check })
      .invoke("Hi", signal ? { signal } : {});
  },
  "a schema of an agent": (orchestra: Orchestra, begin: () => void, signal?: AbortSignal) => {
    const { refined: output } = checks(begin);
    return orchestra
      .agent({ name: "a", system: "s", output })
      .invoke("Hi", signal ? { signal } : {});
  },
  withStructuredOutput: (orchestra: Orchestra, begin: () => void, signal?: AbortSignal) => {
    const { refined } = checks(begin);
    return orchestra.model.withStructuredOutput(refined).invoke("Hi", signal ? { signal } : {});
  },
};

describe.each(Object.entries(cases))("%s that does not end", (_, call) => {
  test("ends on the caller's signal: the answer is charged, and its slot is free", async () => {
    const { orchestra, records } = start();
    const caller = new AbortController();
    const reason = new Error("the user left");
    await expect(call(orchestra, () => caller.abort(reason), caller.signal)).rejects.toThrow(
      "the user left",
    );
    await expect.poll(() => records).toMatchObject([{ status: "aborted", costUsd: 0.00014 }]);
    expect((await orchestra.chat("Next")).text).toBe('{"year":"1871"}');
    expect(records).toHaveLength(2);
  });

  test("ends at the time limit of the call, with an error about that limit", async () => {
    const clock = new FakeClock();
    const { orchestra, records } = start({ LLM_CALL_TIMEOUT: "0.4" }, clock);
    await expect(call(orchestra, () => void clock.advance(400))).rejects.toThrow(
      "The call did not finish within",
    );
    expect(records).toMatchObject([{ status: "failed", costUsd: 0.00014 }]);
  });

  test("ends with the time limit of tools where no call has one, and is not asked again", async () => {
    const clock = new FakeClock();
    const environment = { LLM_TOOL_TIMEOUT: "0.2", LLM_MAX_RETRIES: "2" };
    const { orchestra, records } = start(environment, clock);
    const failure = call(orchestra, () => void clock.advance(200));
    await expect(failure).rejects.toThrow("The check of the answer did not end within 0.2 s");
    await expect(failure).rejects.toMatchObject({ code: "unknown_error" });
    expect(records).toMatchObject([{ status: "failed", costUsd: 0.00014 }]);
    expect(records[0]?.attempts).toHaveLength(1);
    expect((await orchestra.chat("Next")).text).toBe('{"year":"1871"}');
  });

  test("ends with its own limit, though the time of its attempt was over before", async () => {
    const clock = new FakeClock();
    const environment = { LLM_TOOL_TIMEOUT: "0.4", LLM_REQUEST_TIMEOUT: "0.1" };
    const { orchestra } = start(environment, clock);
    const failure = call(orchestra, () => void clock.advance(400));
    await expect(failure).rejects.toThrow("The check of the answer did");
  });
});

test("a check that refuses after the time of its attempt is shown to the model", async () => {
  const clock = new FakeClock();
  const { orchestra, records } = start({ LLM_REQUEST_TIMEOUT: "0.1" }, clock);
  let checks = 0;
  const check = async () => {
    checks += 1;
    if (checks > 1) return [];
    await clock.advance(200);
    return ["The year is wrong"];
  };
  const output = z.object({ year: z.string() });
  const agent = orchestra.agent({ name: "a", system: "s", output, check: check as never });
  expect(await agent.invoke("Hi")).toEqual({ year: "1871" });
  expect(records[0]?.attempts).toMatchObject([{ error: { kind: "invalid_response_error" } }, {}]);
});

test.each(["text", "object"])(
  "the check of a stream of an agent that never ends: %s",
  async (form) => {
    const clock = new FakeClock();
    const { orchestra } = start({ LLM_TOOL_TIMEOUT: "0.1" }, clock);
    const { refined, check } = checks(() => void clock.advance(100));
    const agent =
      form === "object"
        ? orchestra.agent({ name: "a", system: "s", output: refined })
        : orchestra.agent({ name: "a", system: "s", check });
    const read = async () => {
      for await (const _ of await agent.stream("Hi"));
    };
    await expect(read()).rejects.toThrow("The check of the answer did not end within 0.1 s");
  },
);
