import type { Model } from "../catalog/model.ts";
import { countTokens } from "../tokens.ts";
import type { ToolCall } from "./chat-request.ts";
import { computeUsage, type Usage } from "./usage.ts";

/** The output of a model: text, or calls of tools. */
export interface Answer {
  readonly content: string | null;
  readonly toolCalls: readonly ToolCall[];
}

/** The reason why a model stopped. */
export type FinishReason = "stop" | "tool_calls" | "length" | "content_filter" | "error";

/** A finished answer, before it is converted to its format. */
export interface Generation {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly model: string;
  readonly provider: string;
  /** OpenRouter's form, with cost and provider, or plain OpenAI's. */
  readonly format: "openrouter" | "openai";
  readonly answer: Answer;
  readonly finishReason: FinishReason;
  /** Missing in an answer that lacks it on purpose. */
  readonly usage?: Usage;
}

/** Cuts an answer to `maxTokens` and returns whether anything was cut. */
export function limitAnswer(
  answer: Answer,
  maxTokens: number,
): { answer: Answer; finishReason: FinishReason } {
  if (answerTokens(answer) <= maxTokens) {
    return { answer, finishReason: answer.toolCalls.length > 0 ? "tool_calls" : "stop" };
  }
  let room = maxTokens * 4;
  const cut = (text: string) => {
    const kept = text.slice(0, Math.max(0, room));
    room -= kept.length;
    return kept;
  };
  const content = answer.content === null ? null : cut(answer.content);
  const toolCalls = answer.toolCalls.map((call) => ({ ...call, arguments: cut(call.arguments) }));
  return { answer: { content, toolCalls }, finishReason: "length" };
}

/** Tokens of the answer: its text, or its tool calls' names and arguments. */
function answerTokens({ content, toolCalls }: Answer): number {
  let tokens = countTokens(content ?? "");
  for (const call of toolCalls) tokens += countTokens(call.name + call.arguments);
  return tokens;
}

/** Creates an answer with its cost. */
export function createGeneration(
  head: Pick<Generation, "id" | "createdAtSeconds" | "model" | "provider" | "format">,
  model: Model,
  promptTokens: number,
  limited: { readonly answer: Answer; readonly finishReason: FinishReason },
): Generation {
  const usage = computeUsage(model, promptTokens, answerTokens(limited.answer));
  return { ...head, ...limited, usage };
}
