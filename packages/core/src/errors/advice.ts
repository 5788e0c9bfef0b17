import { formatDuration } from "./format-duration.ts";
import type { ModelError } from "./model-error.ts";

/**
 * The state of a call's fallbacks: there were `none`, they were `used` up, a `gateway` tries them itself, a paid
 * one was `withheld` from a free model, or they are `impossible`: no other model can answer for this one.
 */
export type FallbackState = "none" | "used" | "gateway" | "withheld" | "impossible";

/** What a user can do about a call that failed permanently; empty if the message already contains it. */
export function adviceFor(
  error: ModelError,
  fallbacks: FallbackState = "none",
  via = "openrouter",
): string | undefined {
  if (fallbacks === "withheld") {
    return "A paid fallback was not tried, because the model is free. LLM_ALLOW_PAID_FALLBACK=true allows it.";
  }
  if (fallbacks === "impossible") return adviceWithoutFallback(error, via);
  const server = via === "portkey" ? "PORTKEY_GATEWAY_URL with its /v1" : "OPENROUTER_BASE_URL";
  const more = moreFallbacks[fallbacks];
  switch (error.kind) {
    case "authentication_error":
      return "Check the key: OPENROUTER_API_KEY, or for a fallback its api_key or virtual_key.";
    case "insufficient_credits_error":
      return "Add credits at https://openrouter.ai/settings/credits, or ask for fewer max_tokens.";
    case "quota_error":
      // An error of our own limiter, which has no response, already names the limit.
      if (error.status === undefined && error.details.limitSource !== undefined) return undefined;
      return `OpenRouter's limit for free models is reached for this UTC day${waitOf(error)}. Use a paid model, or buy credits: they raise the limit.`;
    case "connection_error":
      return `Check the network and ${via === "portkey" ? "PORTKEY_GATEWAY_URL" : "OPENROUTER_BASE_URL"}.${proxyAdvice(process.env)}`;
    case "timeout_error":
      return error.details.setting === undefined
        ? `Try again later, or ${more}.`
        : `Raise ${error.details.setting} if the model is only slow, or ${more}.`;
    case "rate_limit_error":
      return `Try again later${waitOf(error)}, raise LLM_RETRY_MAX_DELAY, or ${more}.`;
    case "service_error":
    case "invalid_response_error":
      if (error.details.reason === "redirect" || error.details.reason === "cut_off")
        return undefined;
      if (error.details.reason === "truncated") {
        return "Raise max_tokens: the role's maxTokens, or the call's.";
      }
      if (error.details.reason === "malformed" && fallbacks === "none") {
        return `Check that ${server} is the root of an OpenAI-compatible API, or ${more}.`;
      }
      if (fallbacks === "gateway") {
        return "The gateway falls back only after some HTTP statuses. PORTKEY_MODE=client lets Orchestra fall back, also after other failures.";
      }
      return fallbacks === "used"
        ? "Every fallback failed too; add another one to PORTKEY_FALLBACKS."
        : "Set PORTKEY_FALLBACKS to let another model answer.";
    case "invalid_request_error":
      if (error.details.reason === "model_not_found") {
        return fallbacks === "used" && via === "portkey"
          ? "Check the models in PORTKEY_FALLBACKS: each has the name that its provider uses."
          : unknownModelAdvice;
      }
      if (error.details.reason === "unsupported_feature") {
        return `Choose a model that supports it (https://openrouter.ai/models lists the supported parameters), or ${more}.`;
      }
      if (error.details.reason === "context_length_exceeded") {
        return `Shorten the input, or choose a model with a larger context at https://openrouter.ai/models, or ${more}: fallbacks with a larger context are tried.`;
      }
      return error.status === 404
        ? `Check ${server}: no chat completions are served there.`
        : undefined;
    case "permission_error":
      return error.details.reason === "refusal" || error.details.reason === "content_filter"
        ? "LLM_FALLBACK_ON_REFUSAL=true lets a fallback answer what one model refused."
        : undefined;
    case "budget_error":
      return error.details.reason === "model_not_found" ? unknownModelAdvice : undefined;
    case "aborted":
    case "unknown_error":
      return undefined;
  }
}

/** The ways to let another model answer. The other states have other advice. */
const moreFallbacks = {
  none: "set PORTKEY_FALLBACKS",
  used: "add another fallback to PORTKEY_FALLBACKS",
  gateway: "set PORTKEY_MODE=client, so that Orchestra falls back",
} as const;

const unknownModelAdvice =
  "Check OPENROUTER_DEFAULT_MODEL, AGENT_MODEL_MAP, and the model of the role or of the call against https://openrouter.ai/models.";

function adviceWithoutFallback(error: ModelError, via: string): string | undefined {
  const isUnknown = error.details.reason === "model_not_found" || error.status === 404;
  switch (error.kind) {
    case "timeout_error":
      return `Raise ${error.details.setting ?? "LLM_REQUEST_TIMEOUT"} if the model is only slow.`;
    case "rate_limit_error":
      return `Try again later${waitOf(error)}, or raise LLM_RETRY_MAX_DELAY.`;
    case "invalid_request_error":
      return isUnknown
        ? "Check the id of the model: https://openrouter.ai/models?output_modalities=embeddings,rerank lists them."
        : undefined;
    case "service_error":
    case "invalid_response_error":
      return undefined;
    default:
      return adviceFor(error, "none", via);
  }
}

/** The advice about a proxy in the environment, which the request may go through, or which Node.js does not use. */
export function proxyAdvice(environment: NodeJS.ProcessEnv): string {
  const { NODE_USE_ENV_PROXY, NODE_OPTIONS = "" } = environment;
  const name = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].find(
    (each) => environment[each],
  );
  const flag = "--use-env-proxy";
  const isUsed =
    NODE_USE_ENV_PROXY === "1" || NODE_OPTIONS.includes(flag) || process.execArgv.includes(flag);
  if (name === undefined) return "";
  return isUsed
    ? ` ${name} is set: if the request goes through this proxy, check the proxy too.`
    : ` ${name} is set, and Node.js uses it only with NODE_USE_ENV_PROXY=1.`;
}

function waitOf({ retryAfterMs }: ModelError): string {
  return retryAfterMs ? ` (the server says in ${formatDuration(retryAfterMs)})` : "";
}
