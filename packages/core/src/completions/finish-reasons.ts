import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { filtered, invalid, usedUp } from "./invalid-answer.ts";
import type { ModelError } from "../errors/model-error.ts";

/** OpenAI's reasons, and OpenRouter's `error`. */
export const usualReasons: ReadonlySet<unknown> = new Set(
  "stop length tool_calls content_filter function_call error".split(" "),
);

/** Values of servers for an answer that continues. */
const unfinished = ["null", "none", "undefined", "not_finished", "unspecified", "in_progress"];

/**
 * OpenAI's reasons for those of other APIs, which gateways pass on unchanged.
 *
 * Sources: Anthropic https://docs.claude.com/en/api/handling-stop-reasons,
 * Amazon Bedrock https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
 * Google https://ai.google.dev/api/generate-content#FinishReason,
 * Cohere https://docs.cohere.com/reference/chat,
 * Mistral https://docs.mistral.ai/api/, DeepSeek https://api-docs.deepseek.com/api/create-chat-completion,
 * Zhipu https://docs.bigmodel.cn/api-reference, IBM https://cloud.ibm.com/apidocs/watsonx-ai,
 * Text Generation Inference https://huggingface.github.io/text-generation-inference/,
 * vLLM and SGLang (`abort`), Together AI and LM Studio (`eos`), Ollama (`load`, `unload`).
 */
const meanings: Readonly<Record<string, string>> = {
  stop: "stop end_turn stop_sequence pause_turn complete completed finish finished done normal eos eos_token eosfound eos_found end_of_text endoftext stop_token stopstringfound load unload",
  length:
    "length max_tokens max_token max_length max_output_tokens max_new_tokens model_length model_context_window_exceeded context_length_exceeded maxpredictedtokensreached contextlengthreached token_limit error_limit limit incomplete",
  tool_calls: "tool_calls tool_call tool_use toolcalls function_calls requires_action",
  content_filter:
    "content_filter content_filtered content_filtering safety recitation blocklist prohibited_content spii language image_safety image_prohibited_content image_recitation refusal guardrail_intervened guardrails error_toxic sensitive moderation blocked censored",
  error:
    "error insufficient_system_resource network_error abort aborted cancelled canceled user_cancel timeout time_limit failed server_error internal_error",
};

const reasons = new Map(
  Object.entries(meanings).flatMap(([reason, names]) =>
    names.split(" ").map((name) => [name, reason] as const),
  ),
);

/** @returns OpenAI's reason; `null` for one that means that the answer continues; `undefined` for another */
function reasonOf(given: string): string | null | undefined {
  const name = given
    .slice(0, 100)
    .trim()
    .toLowerCase()
    .replace(/^finish_?reason[._]/, "")
    .replaceAll(/[\s-]/g, "_");
  return unfinished.includes(name) ? null : reasons.get(name);
}

interface Finish {
  finish_reason?: unknown;
  native_finish_reason?: unknown;
  readonly index?: number;
}

/**
 * Replaces a finish reason of another API by OpenAI's, in place. A reason that is not a text becomes `stop`,
 * or `null` where it is `false` or 0. The original reason is kept in the field that OpenRouter has for it. An
 * unknown reason does not change.
 */
export function tidyFinish(choice: object, metadata: { finishReason?: string | undefined }): void {
  const finish: Finish = choice;
  const given = finish.finish_reason;
  const reason = typeof given === "string" ? reasonOf(given) : given ? "stop" : null;
  if (reason === undefined) return;
  finish.finish_reason = reason;
  if (reason === null) return;
  if (typeof given === "string") finish.native_finish_reason ??= given;
  if (!finish.index) metadata.finishReason = reason satisfies ResponseMetadata["finishReason"];
}

/** @param reason - Why an answer without content ended; the provider's own value, if there is one. */
export function nothingSaid(reason: string | null | undefined): ModelError {
  const known = reason ? reasonOf(reason) : undefined;
  if (known === "content_filter") return filtered();
  return known === "length" ? usedUp() : invalid("The answer is empty", "empty");
}
