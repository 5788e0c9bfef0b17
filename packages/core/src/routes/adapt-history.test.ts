import { HumanMessage, AIMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import type { WireMessage } from "../completions/index.ts";
import { guideFallbacks, startTestOrchestra } from "../test-support/test-orchestra.ts";
import { adaptHistory } from "./adapt-history.ts";

const user: WireMessage = { role: "user", content: "So?" };
const assistant = (fields: object) =>
  ({ role: "assistant", content: "Yes.", ...fields }) as WireMessage;
const call = { id: "1", type: "function", function: { name: "search", arguments: "{}" } } as const;

describe("adaptHistory", () => {
  test.each(["thinking", "reasoning", "redacted_thinking"])("leaves out blocks of %s", (type) => {
    const text = { type: "text", text: "Yes." };
    const message = assistant({ content: [{ type, thinking: "Hm.", signature: "s" }, text] });
    expect(adaptHistory([message, user])).toEqual([assistant({ content: [text] }), user]);
  });

  test.each(["reasoning", "reasoning_content", "reasoning_details"])("leaves out %s", (field) => {
    const message = assistant({ [field]: "Hm.", refusal: null });
    expect(adaptHistory([message, user])).toEqual([assistant({ refusal: null }), user]);
  });

  test("keeps the tool calls of a message that also had reasoning", () => {
    const message = assistant({ content: null, reasoning: "Hm.", tool_calls: [call] });
    const reply: WireMessage = { role: "tool", tool_call_id: "1", content: "Found." };
    const kept = assistant({ content: null, tool_calls: [call] });
    expect(adaptHistory([user, message, reply])).toEqual([user, kept, reply]);
  });

  test("leaves messages without reasoning as they are, and all that are not the model's", () => {
    const messages = [{ ...user, reasoning: "mine" } as WireMessage, assistant({}), user];
    const adapted = adaptHistory(messages);
    for (const [index, message] of messages.entries()) expect(adapted[index]).toBe(message);
  });

  test("does not change its arguments", () => {
    const messages = [user, assistant({ content: [{ type: "thinking" }], reasoning: "Hm." })];
    const before = structuredClone(messages);
    adaptHistory(messages);
    expect(messages).toEqual(before);
  });

  test("asks the model to continue if the history ends with a message of the model", () => {
    const adapted = adaptHistory([user, assistant({ content: "One, two," })]);
    expect(adapted.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
  });

  test("adds nothing after tool calls, which are no beginning of an answer", () => {
    const messages = [user, assistant({ content: null, tool_calls: [call] })];
    expect(adaptHistory(messages)).toEqual(messages);
  });
});

test("only the fallback gets the adapted history", async () => {
  await using t = await startTestOrchestra({ environment: { PORTKEY_FALLBACKS: guideFallbacks } });
  t.sandbox.order({ fault: "status", status: 402, route: "openrouter" });
  await t.orchestra.chat([new HumanMessage("Count."), new AIMessage("One, two,")]);
  const roles = t.sandbox.books.entries.map(({ body }) =>
    (body["messages"] as { role: string }[]).map(({ role }) => role),
  );
  expect(roles).toEqual([
    ["user", "assistant"],
    ["user", "assistant", "user"],
  ]);
});
