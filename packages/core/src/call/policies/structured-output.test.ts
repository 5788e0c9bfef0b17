import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Answer, WholeAnswer } from "../../completions/index.ts";
import { OutputSchema, type OutputSchemaOptions } from "../../completions/schemas/index.ts";
import { completion } from "../../completions/__fixtures__/completions.ts";
import type { Attempt } from "../attempt.ts";
import {
  answer,
  answered,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  openedStream,
  readAll,
  runPolicy,
  type FakeCallFields,
} from "../__fixtures__/fake-call.ts";
import { structuredOutput } from "./structured-output.ts";

const yearSchema = (options?: OutputSchemaOptions) =>
  new OutputSchema(z.object({ year: z.number() }), options);

/** Checks an answer as a sender does: before the attempt is over. */
const checked = (whole: Answer) => async (attempt: Attempt) => {
  if (whole.kind === "whole") await attempt.check?.(whole.completion);
  return whole;
};

/** An answer as a call of a tool; of the schema's, if none is named. */
const called = (args: string, name = "answer"): WholeAnswer => ({
  kind: "whole",
  metadata: answered,
  completion: completion({
    finish_reason: "tool_calls",
    message: {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", type: "function", function: { name, arguments: args } }],
    },
  }),
});

function run(script: readonly (Answer | Error)[], fields: FakeCallFields = {}) {
  const { call } = fakeCall({ outputSchema: yearSchema(), ...fields });
  const steps = script.map((step) => (step instanceof Error ? step : checked(step)));
  const t = runPolicy(structuredOutput, call, steps);
  const requests = () => t.attempts.map(({ attempt }) => attempt.request);
  return { ...t, call, requests };
}

const textOf = (given: Answer) =>
  given.kind === "whole" ? given.completion.choices[0]?.message.content : undefined;

describe("structuredOutput", () => {
  test("is not there for a call without a schema", () => {
    const { next, send } = runPolicy(structuredOutput, fakeCall().call);
    expect(send).toBe(next);
  });

  test.each([
    ["jsonSchema", { response_format: { type: "json_schema" } }],
    ["functionCalling", { tools: [{ function: { name: "answer" } }] }],
    ["jsonMode", { response_format: { type: "json_object" } }],
  ] as const)("asks by the method of the route: %s", async (method, asked) => {
    const route = fakeRoute("a", { structuredOutputMethod: async () => method });
    const t = run([answer('{"year":1871}')], { routes: [route] });
    const whole = await t.run();
    expect(textOf(whole)).toBe('{"year":1871}');
    expect(t.requests()).toMatchObject([asked]);
  });

  test("asks by the method of the schema, where it has one", async () => {
    const outputSchema = yearSchema({ method: "jsonMode" });
    const t = run([answer('{"year":1871}')], { outputSchema });
    await t.run();
    expect(t.requests()).toMatchObject([{ response_format: { type: "json_object" } }]);
  });

  test("returns the answer as text, also where it came as a tool call", async () => {
    const t = run([called('{"year":1871}')]);
    expect(textOf(await t.run())).toBe('{"year":1871}');
  });

  test("sends an answer that does not match back to the model once, with its problems", async () => {
    const t = run([answer('{"year":"1871"}'), answer('{"year":1871}')]);
    expect(textOf(await t.run({ waitedMs: 500 }))).toBe('{"year":1871}');
    expect(t.attempts.map(({ attempt: { isRepair, waitedMs } }) => [isRepair, waitedMs])).toEqual([
      [false, 500],
      [true, 0],
    ]);
    const [, repair] = t.requests();
    expect(repair?.messages.slice(-2)).toEqual([
      { role: "assistant", content: '{"year":"1871"}' },
      { role: "user", content: expect.stringContaining("year: ") },
    ]);
  });

  test("fails with the problems if the corrected answer does not match either", async () => {
    const t = run([answer("no"), answer("still no"), answer('{"year":1871}')]);
    expect(await errorOf(t.run())).toMatchObject({
      message: "The answer does not fit its schema: it is not JSON",
      details: { kind: "invalid_response_error", reason: "off_schema", model: "a" },
    });
    expect(t.attempts).toHaveLength(2);
  });

  test("accepts the second answer where the schema accepts a mismatch", async () => {
    const t = run([answer("no"), answer("still no")], {
      outputSchema: yearSchema({ acceptsMismatch: true }),
    });
    expect(textOf(await t.run())).toBe("still no");
  });

  test("does not repair where the call may make no further request", async () => {
    const { call } = fakeCall({ outputSchema: yearSchema() });
    const final = failure("invalid_response_error", { isFinal: true });
    const t = runPolicy(structuredOutput, call, [
      async (attempt) => {
        await errorOf(checked(answer("no"))(attempt));
        throw final;
      },
    ]);
    expect(await errorOf(t.run())).toBe(final);
    expect(t.attempts).toHaveLength(1);
  });

  test("leaves failures that are not about the schema to the other policies", async () => {
    const error = failure("service_error");
    const t = run([error]);
    expect(await errorOf(t.run())).toBe(error);
    expect(t.attempts).toHaveLength(1);
  });

  test("ends with the signal of the attempt, though a check of the answer does not", async () => {
    const caller = new AbortController();
    const outputSchema = yearSchema().withCheck(() => {
      caller.abort(new Error("the user left"));
      return new Promise<never>(() => undefined);
    });
    const t = run([answer('{"year":1871}')], { outputSchema });
    await expect(t.run({ signal: caller.signal })).rejects.toThrow("the user left");
  });

  test("does not change calls of other tools", async () => {
    const own = called("{}", "search");
    const t = run([own]);
    expect(await t.run()).toBe(own);
  });

  test("reads the answer of a stream off the schema's tool call", async () => {
    const route = fakeRoute("a", { structuredOutputMethod: () => "functionCalling" });
    const { call } = fakeCall({ outputSchema: yearSchema(), isStream: true, routes: [route] });
    const stream = openedStream(call, { completion: called('{"year":1871}').completion });
    await runPolicy(structuredOutput, call, [stream]).run();
    const chunks = await readAll(stream);
    expect(JSON.stringify(chunks)).not.toContain('"arguments"');
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
    expect(text).toBe('{"year":1871}');
  });
});
