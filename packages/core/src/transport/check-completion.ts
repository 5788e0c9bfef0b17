import { toModelError } from "../errors/classify.ts";
import { ModelError, type ErrorReason } from "../errors/model-error.ts";
import type { Completion, OpenRouterChoiceFields, OpenRouterFields } from "./wire.ts";

/**
 * Throws unless a completion is a success: an answer with content or a tool call, and a finish
 * reason other than `error`. A 200 by itself says nothing: OpenRouter answers 200 as soon as a
 * model has begun.
 *
 * @throws {ModelError}
 */
export function checkCompletion(completion: Completion & OpenRouterFields): void {
  if (completion.error) throw failureFrom(completion.error);
  const choice: (Completion["choices"][number] & OpenRouterChoiceFields) | undefined =
    completion.choices?.[0];
  if (!choice?.message) throw invalid("The answer holds no choice", "malformed");
  if (choice.error) throw failureFrom(choice.error);

  const { finish_reason: finish, message } = choice;
  if ((finish as string) === "error") {
    throw new ModelError("The provider failed in the middle of its answer", {
      kind: "service_error",
    });
  }
  if (finish === "content_filter") throw filtered();
  const calls = message.tool_calls ?? [];
  if (!message.content && !message.refusal && calls.length === 0) {
    if (finish === "length") {
      throw invalid("The model used up max_tokens before it said anything", "truncated");
    }
    throw invalid("The answer is empty", "empty");
  }
  for (const call of calls) {
    if (call.type === "function" && !isJson(call.function.arguments)) {
      const reason = finish === "length" ? "truncated" : "malformed";
      throw invalid(`The arguments of the call of ${call.function.name} are not JSON`, reason);
    }
  }
}

/** An error that came in a 200, in a choice or in mid-stream. */
export function failureFrom(error: unknown): ModelError {
  return toModelError({ error });
}

/** The answer was stopped for its content, and is no whole one. */
export function filtered(): ModelError {
  return new ModelError("The provider's content filter stopped the answer", {
    kind: "permission_error",
    reason: "content_filter",
  });
}

export function invalid(message: string, reason: ErrorReason): ModelError {
  return new ModelError(message, { kind: "invalid_response_error", reason });
}

function isJson(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
