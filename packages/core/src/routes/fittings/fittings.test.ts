import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ChatRequest, WireMessage } from "../../completions/index.ts";
import { fittings } from "./index.ts";

const request = (messages: readonly WireMessage[], more: object = {}): ChatRequest => ({
  model: "server/model",
  messages,
  ...more,
});

/** Fits a request as a route does that was refused with this message. */
function refit(message: string, refused: ChatRequest): ChatRequest {
  const fitting = fittings.find(
    ({ refusal, fit }) => refusal.test(message) && fit(refused) !== refused,
  );
  if (!fitting) throw new Error(`Nothing helps against: ${message}`);
  return fitting.fit(refused);
}

const user = (content: string): WireMessage => ({ role: "user", content });
const call = (id: string) => ({
  id,
  type: "function" as const,
  function: { name: "f", arguments: "{}" },
});

describe("roles", () => {
  const messages: WireMessage[] = [
    { role: "system", content: "Be kind." },
    user("One."),
    { role: "system", content: "Be brief." },
    user("Two."),
    { role: "assistant", content: "Yes." },
    user("Three."),
  ];

  test.each([
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "After the optional system message, conversation roles must alternate",
    "System message must be at the beginning.",
    'roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
  ])("%s", (message) => {
    expect(refit(message, request(messages)).messages).toEqual([
      { role: "system", content: "Be kind.\n\nBe brief." },
      user("One.\n\nTwo."),
      { role: "assistant", content: "Yes." },
      user("Three."),
    ]);
  });

  test.each([
    "System role not supported",
    "Only user, assistant and tool roles are supported, got system.",
    "Only user and assistant roles are supported!",
    "Developer instruction is not enabled for models/gemma-3-27b-it",
  ])("%s", (message) => {
    expect(
      refit(message, request([{ role: "system", content: "Be kind." }, user("One.")])).messages,
    ).toEqual([user("Be kind.\n\nOne.")]);
  });

  test("developer becomes system", () => {
    const refused = request([{ role: "developer", content: "Be kind." }, user("One.")]);
    const message =
      "messages[0].role: unknown variant `developer`, expected one of `system`, `user`";
    expect(refit(message, refused).messages[0]).toEqual({ role: "system", content: "Be kind." });
  });

  test("parts stay parts, and messages that call tools stay alone", () => {
    const picture = { type: "image_url" as const, image_url: { url: "data:," } };
    const { messages: fitted } = refit(
      "roles must alternate",
      request([
        user("One."),
        { role: "user", content: [picture] },
        { role: "assistant", tool_calls: [call("a")] },
        { role: "tool", tool_call_id: "a", content: "1" },
        { role: "tool", tool_call_id: "b", content: "2" },
      ]),
    );
    expect(fitted.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "tool"]);
    expect(fitted[0]?.content).toEqual([{ type: "text", text: "One." }, picture]);
  });
});

describe("ids of tool calls", () => {
  test.each([
    "Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.",
    "Tool call IDs should be alphanumeric strings with length 9!",
    "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
  ])("%s", (message) => {
    const ids = [`call_${"x".repeat(50)}`, "call_2", "abcdefgh1"];
    const refused = request([
      { role: "assistant", tool_calls: ids.map(call) },
      ...ids.map((id) => ({ role: "tool" as const, tool_call_id: id, content: "" })),
    ]);
    const [assistant, ...results] = refit(message, refused).messages;
    const sent = (assistant as { tool_calls: { id: string }[] }).tool_calls.map(({ id }) => id);
    expect(results.map((result) => (result as { tool_call_id: string }).tool_call_id)).toEqual(
      sent,
    );
    expect(new Set(sent).size).toBe(3);
    for (const id of sent) expect(id).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(sent[2]).toBe("abcdefgh1");
  });
});

describe("schemas of tools", () => {
  const withSchema = (parameters: object) =>
    request([user("Hi")], {
      tools: [{ type: "function", function: { name: "f", strict: true, parameters } }],
    });
  const fit = (parameters: object) => {
    const message = `Invalid JSON payload received. Unknown name "x" at 'tools[0].function_declarations[0].parameters': Cannot find field.`;
    const { tools } = refit(message, withSchema(parameters));
    const [tool] = tools ?? [];
    return (tool as { function: { parameters: object } } | undefined)?.function.parameters;
  };

  test("keywords that the server knows are kept, the others are replaced by equivalent ones", () => {
    const schema = z.toJSONSchema(
      z.object({
        count: z.number().int().positive().max(5),
        price: z.number().positive(),
        kind: z.literal("a"),
        level: z.union([z.literal(1), z.literal(2)]),
        pair: z.tuple([z.string(), z.number()]),
        either: z.discriminatedUnion("type", [
          z.object({ type: z.literal("x") }),
          z.object({ type: z.literal("y") }),
        ]),
        name: z.string().nullable(),
        tags: z.record(z.string(), z.string()).describe("Tags"),
      }),
    );
    expect(fit(schema)).toEqual({
      type: "object",
      required: ["count", "price", "kind", "level", "pair", "either", "name", "tags"],
      properties: {
        count: { type: "integer", minimum: 1, maximum: 5 },
        price: { type: "number" },
        kind: { type: "string", enum: ["a"] },
        level: { anyOf: [{ type: "number" }, { type: "number" }] },
        pair: {
          type: "array",
          minItems: 2,
          maxItems: 2,
          items: { anyOf: [{ type: "string" }, { type: "number" }] },
        },
        either: {
          anyOf: ["x", "y"].map((value) => ({
            type: "object",
            properties: { type: { type: "string", enum: [value] } },
            required: ["type"],
          })),
        },
        name: { type: "string", nullable: true },
        tags: { type: "object", description: "Tags" },
      },
    });
  });

  test("references are put in their places, recursive ones end", () => {
    const node = {
      type: "object",
      properties: { name: { type: "string" }, child: { $ref: "#/$defs/node" } },
    };
    expect(fit({ $ref: "#/$defs/node", $defs: { node } })).toEqual({
      type: "object",
      properties: { name: { type: "string" }, child: { type: "object" } },
    });
  });

  test("several types become alternatives", () => {
    expect(fit({ type: ["string", "number", "null"] })).toEqual({
      anyOf: [{ type: "string" }, { type: "number" }],
      nullable: true,
    });
  });
});

test("a refusal for another reason changes nothing", () => {
  expect(() => refit("The model is overloaded", request([user("Hi")]))).toThrow("Nothing helps");
  expect(() => refit("roles must alternate", request([user("Hi")]))).toThrow("Nothing helps");
});
