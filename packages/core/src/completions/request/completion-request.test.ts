import { anything, array, assert, constantFrom, oneof, property, record, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { completionRequestSchema, isOrdinary } from "./completion-request.ts";
import { fieldWarnings } from "./field-warnings.ts";

const messages = [{ role: "user", content: "Hello" }];

describe("an ordinary request", () => {
  test.each<[string, object]>([
    ["messages alone", { messages }],
    ["a model", { messages, model: "openai/gpt-4o" }],
    ["a stream", { messages, stream: true, temperature: 0.2, top_p: 1 }],
  ])("needs no schema: %s", (_, request) => {
    expect(isOrdinary(request)).toBe(true);
  });

  test("has no missing element in its messages", () => {
    const sparse: object[] = [...messages];
    sparse.length = 2;
    expect(isOrdinary({ messages: sparse })).toBe(false);
  });

  test("passes the schema, and causes no warning", () => {
    const role = constantFrom("user", "system", "assistant", "tool", "User", "", null);
    const message = record({ role, content: oneof(string(), anything()) });
    const request = record(
      {
        messages: oneof(array(oneof(message, anything())), anything()),
        model: oneof(constantFrom("openai/gpt-4o", "", "a b", "\u{2028}"), anything()),
        stream: oneof(constantFrom(true, false, null, "true"), anything()),
        temperature: oneof(constantFrom(0, 2, 2.1, -1, Number.NaN, Infinity, "1"), anything()),
        top_p: oneof(constantFrom(0, 1, 1.1, -0.1, Number.NaN), anything()),
        temprature: anything(),
        toString: anything(),
        agent_type: anything(),
      },
      { requiredKeys: ["messages"] },
    );
    assert(
      property(oneof(request, anything()), (given) => {
        if (!isOrdinary(given)) return;
        expect(completionRequestSchema.safeParse(given).success).toBe(true);
        expect(fieldWarnings(given, "request")).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
