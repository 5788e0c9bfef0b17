import type { ApiError } from "../errors/api-error.ts";
import type { ResponsesRequest } from "./request-schema.ts";

export type OutputItem = { readonly type: string; readonly id: string; status: string };

/** The state of a response. */
export interface ResponseState {
  readonly id: string;
  readonly createdAt: number;
  readonly model: string;
  readonly status: "in_progress" | "completed" | "incomplete" | "failed";
  readonly output: readonly OutputItem[];
  readonly usage?: object | null | undefined;
  readonly incompleteReason?: string | undefined;
  readonly error?: ApiError | undefined;
}

/** A response in OpenAI's form: its state, and the fields of the request. */
export function responseObject(request: ResponsesRequest, state: ResponseState): object {
  const { id, createdAt, model, status, output, usage, incompleteReason, error } = state;
  return {
    id,
    object: "response",
    created_at: createdAt,
    completed_at: status === "completed" ? Math.floor(Date.now() / 1000) : null,
    status,
    background: false,
    error: error ? errorOf(error) : null,
    incomplete_details: incompleteReason === undefined ? null : { reason: incompleteReason },
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request["max_tool_calls"] ?? null,
    metadata: request["metadata"] ?? {},
    model,
    output,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    presence_penalty: request["presence_penalty"] ?? 0,
    frequency_penalty: request["frequency_penalty"] ?? 0,
    previous_response_id: null,
    prompt_cache_key: request["prompt_cache_key"] ?? null,
    reasoning: request.reasoning ?? null,
    safety_identifier: request["safety_identifier"] ?? null,
    service_tier: request["service_tier"] ?? null,
    store: false,
    temperature: request.temperature ?? null,
    text: request.text ?? { format: { type: "text" } },
    tool_choice: request.tool_choice ?? "auto",
    tools: request.tools ?? [],
    top_logprobs: 0,
    top_p: request.top_p ?? null,
    truncation: "disabled",
    usage: usage ?? null,
    user: request["user"] ?? null,
  };
}

/** OpenAI's codes that clients treat specially, by code or type: Codex retries after some, and stops after others. */
const codes: Readonly<Record<string, string>> = {
  context_length_exceeded: "context_length_exceeded",
  content_filter: "invalid_prompt",
  rate_limit_error: "rate_limit_exceeded",
  quota_error: "insufficient_quota",
  budget_error: "insufficient_quota",
  insufficient_credits_error: "insufficient_quota",
  invalid_request_error: "invalid_prompt",
  permission_error: "invalid_prompt",
};

export function errorOf({ message, details }: ApiError): { code: string; message: string } {
  const code = codes[details.code] ?? codes[details.type] ?? "server_error";
  return { code, message };
}
