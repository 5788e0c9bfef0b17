import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineRole } from "../agents/index.ts";
import { checkInput } from "../input/check-input.ts";
import { Orchestra } from "../orchestra.ts";
import { resolveSettings } from "../settings/index.ts";
import { attemptRecord } from "../usage/__fixtures__/call-record.ts";
import { silentLogger } from "../usage/index.ts";
import { firstAndLast, quoted } from "./bounded.ts";
import { ArgumentError, CallFailedError, FindingsRejectedError } from "./index.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
const huge = "x".repeat(1_000_000);
const hugeName = "é".repeat(100_000);
const environment = { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" };
const orchestra = new Orchestra({ environment, logger: silentLogger });

describe("firstAndLast", () => {
  test("shows twelve parts, and of more the first and the last ones", () => {
    expect(firstAndLast(numbered(12))).toEqual(numbered(12));
    expect(firstAndLast(numbered(100))).toEqual([
      ...numbered(9),
      "... and 88 more",
      "98",
      "99",
      "100",
    ]);
  });
});

test("a quoted text is cut off, with whole characters", () => {
  expect(quoted(`a"${"😀".repeat(100)}`)).toBe(`"a\\"${"😀".repeat(39)}…"`);
});

describe("a call that failed after many attempts", () => {
  const message = "Bad gateway";
  const attempts = numbered(100).map((number) =>
    attemptRecord({
      number: Number(number),
      status: 503,
      error: { kind: "service_error", message },
    }),
  );
  const error = new CallFailedError("writer", attempts, []);

  test("names the first and the last ones, and how many are left out", () => {
    const lines = error.message.split("\n");
    expect(lines).toHaveLength(14);
    expect(lines[1]).toContain("1. openai/gpt-4o");
    expect(lines[10]).toBe("  ... and 88 more");
    expect(lines.at(-1)).toContain("100. openai/gpt-4o");
  });

  test("has all of them in its fields", () => {
    expect(error.attempts).toHaveLength(100);
  });
});

describe("a message stays short with any value in it:", () => {
  const schema = z.object({ list: z.array(z.string()) });
  const roleOf = (name: string) => defineRole({ name, system: "s", input: schema, output: schema });
  const failed = { kind: "service_error", message: huge } as const;
  const messages = [{ role: "user" as const, content: "Hi" }];
  const manyNulls = Array.from({ length: 5000 }, () => null) as never;
  const misspelt = Object.fromEntries(numbered(50).map((name) => [`temperature${name}`, 1]));
  const manyFields = Object.fromEntries(numbered(500).map((name) => [`field${name}`, 1]));

  test.each<[string, () => unknown]>([
    [
      "the messages of attempts",
      () => fail(new CallFailedError("r", [attemptRecord({ error: failed })], [])),
    ],
    [
      "the reasons of a rejection",
      () =>
        fail(
          new FindingsRejectedError(
            "reject",
            numbered(5000).map(() => huge),
          ),
        ),
    ],
    ["a message in code", () => fail(new ArgumentError(huge))],
    ["a name of a role", () => roleOf(hugeName)],
    ["a model's role", () => orchestra.modelFor(hugeName)],
    ["misspelt options", () => orchestra.modelFor("w", misspelt)],
    [
      "a field of a schema",
      () => checkInput(z.strictObject({ [huge]: z.string() }), { [`${huge}y`]: "" }, "f()"),
    ],
    ["a path to a field", () => checkInput(z.record(z.string(), z.string()), { [huge]: 5 }, "f()")],
    ["a choice of many", () => checkInput(z.enum(numbered(5000)), "no", "f()")],
    ["entries of a request", () => orchestra.completions.create({ messages: manyNulls })],
    [
      "items of an agent's input",
      () => orchestra.agent(roleOf("writer")).invoke({ list: manyNulls }),
    ],
    ["messages of a model's input", () => orchestra.model.invoke(manyNulls)],
    ["tools", () => orchestra.model.bindTools(manyNulls)],
    [
      "a tool's name",
      () => orchestra.model.bindTools([{ type: "function", function: { name: hugeName } }]),
    ],
    [
      "a header's name",
      () => orchestra.completions.create({ messages }, { headers: { [hugeName]: "" } }),
    ],
    [
      "entries of a setting",
      () => resolveSettings({ agentModels: manyFields as never }, environment),
    ],
    [
      "a name in a setting",
      () => resolveSettings({ agentModels: { [huge]: 5 as never } }, environment),
    ],
    [
      "a word of a setting",
      () => resolveSettings({ retryableErrors: [huge as never] }, environment),
    ],
    ["fallbacks", () => resolveSettings({ fallbacks: manyNulls }, environment)],
    [
      "fields of a fallback",
      () => resolveSettings({ fallbacks: [manyFields as never] }, environment),
    ],
    [
      "a text of the environment",
      () =>
        resolveSettings(
          {},
          { ...environment, LLM_MAX_RETRIES: huge, OPENROUTER_TIER: huge, PORTKEY_FALLBACKS: huge },
        ),
    ],
    [
      "request fields",
      () => resolveSettings({ agentRequests: { writer: { stop: manyNulls } } }, environment),
    ],
  ])("%s", async (_, run) => {
    const error = await Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (thrown: unknown) => thrown as Error,
      );
    expect(error?.message.length).toBeGreaterThan(10);
    expect(error?.message.length).toBeLessThanOrEqual(16_001);
  });
});

function fail(error: Error): never {
  throw error;
}
