import { AIMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { guideFallbacks, startTestOrchestra } from "../test-support/test-orchestra.ts";
import { adaptHistory } from "./adapt-history.ts";
import type { Candidate } from "./candidate.ts";

const candidate = { model: "openai/gpt-4o" } as Candidate;

const thoughtful = (model_name: string) =>
  new AIMessage({
    content: [
      { type: "thinking", thinking: "Hm.", signature: "s" },
      { type: "text", text: "Yes." },
    ],
    additional_kwargs: { reasoning_details: [{}], kept: 1 },
    response_metadata: { model_name },
  });

describe("adaptHistory", () => {
  test("takes another model's reasoning out, and nothing else", () => {
    const [message] = adaptHistory(
      [thoughtful("anthropic/claude"), new HumanMessage("So?")],
      candidate,
    );
    expect(message?.content).toEqual([{ type: "text", text: "Yes." }]);
    expect(message?.additional_kwargs).toEqual({ kept: 1 });
  });

  test("leaves the candidate's own reasoning, and messages without any, as they are", () => {
    const messages = [new SystemMessage("S"), thoughtful("openai/gpt-4o"), new HumanMessage("So?")];
    const adapted = adaptHistory(messages, candidate);
    for (const [index, message] of messages.entries()) expect(adapted[index]).toBe(message);
  });

  test("turns a prefill into a request to go on", () => {
    const adapted = adaptHistory(
      [new HumanMessage("Count."), new AIMessage("One, two,")],
      candidate,
    );
    expect(adapted.map(({ type }) => type)).toEqual(["human", "ai", "human"]);
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
