/** A JSON object as it is on the wire. */
export type Json = Readonly<Record<string, unknown>>;

/** A chat completion as OpenAI sends it to a request without `stream`. */
export interface WireCompletion extends Json {
  readonly choices: readonly WireChoice[];
}

export interface WireChoice extends Json {
  readonly message: Json;
  readonly finish_reason: string;
  readonly logprobs?: { readonly content: readonly { readonly token: string }[] } | null;
}

/** Tokens of every completion here, with all the details that OpenAI reports. */
export const usage = {
  prompt_tokens: 12,
  completion_tokens: 5,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4, audio_tokens: 1 },
  completion_tokens_details: {
    reasoning_tokens: 2,
    audio_tokens: 3,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};

/** A completion with one choice for each message. A message replaces `content` and adds its own fields. */
export function completion(
  messages: Json | readonly Json[] = {},
  finishReason = "stop",
  choiceFields: Json = {},
): WireCompletion {
  const list = Array.isArray(messages) ? (messages as readonly Json[]) : [messages as Json];
  return {
    id: "chatcmpl-parity",
    object: "chat.completion",
    created: 1_790_000_000,
    model: "gpt-4o-2024-08-06",
    service_tier: "default",
    system_fingerprint: "fp_parity",
    choices: list.map((message, index) => ({
      index,
      message: { role: "assistant", content: "Hello there, world", refusal: null, ...message },
      logprobs: null,
      finish_reason: finishReason,
      ...choiceFields,
    })),
    usage,
  };
}

/** A completion that calls one tool. */
export function toolCompletion(name: string, args: string, id = "call_1"): WireCompletion {
  const call = { id, type: "function", function: { name, arguments: args } };
  return completion({ content: null, tool_calls: [call] }, "tool_calls");
}

/** Log probabilities of "Hello there, world", token by token. */
export const logprobs = {
  content: ["Hello", " there", ",", " world"].map((token, place) => ({
    token,
    logprob: -0.25 * (place + 1),
    bytes: [...Buffer.from(token)],
    top_logprobs: [{ token, logprob: -0.25 * (place + 1), bytes: [...Buffer.from(token)] }],
  })),
  refusal: null,
};
