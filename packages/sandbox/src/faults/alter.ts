import { countTokens } from "../tokens.ts";
import type { Generation } from "../wire/generation.ts";
import type { Fault } from "./fault.ts";

/** Changes that a fault makes to the answer itself, before it is sent. */
export function alterGeneration(generation: Generation, fault: Fault | undefined): Generation {
  switch (fault?.fault) {
    case "empty": {
      const { usage: _, ...rest } = generation;
      return { ...rest, answer: { content: null, toolCalls: [] }, finishReason: "stop" };
    }
    case "length":
      return { ...generation, answer: firstHalf(generation), finishReason: "length" };
    case "content-filter":
      return { ...generation, answer: firstHalf(generation), finishReason: "content_filter" };
    case "error-choice":
      return { ...generation, answer: firstHalf(generation), finishReason: "error" };
    case "not-json":
      return {
        ...generation,
        answer: { content: "Certainly! Here is what I found, in prose.", toolCalls: [] },
        finishReason: "stop",
      };
    default:
      return generation;
  }
}

function firstHalf({ answer }: Generation): Generation["answer"] {
  return {
    content: answer.content === null ? null : half(answer.content),
    toolCalls: answer.toolCalls.map((call) => ({ ...call, arguments: half(call.arguments) })),
  };
}

function half(text: string): string {
  return text.slice(0, Math.max(1, countTokens(text) * 2));
}
