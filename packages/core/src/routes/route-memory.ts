import type { ChatRequest, StructuredOutputMethod } from "../completions/index.ts";
import type { ModelError } from "../errors/index.ts";
import { fittings, type Fitting } from "./fittings/index.ts";

/** Methods of structured output, the most reliable first. */
const methods = ["jsonSchema", "functionCalling", "jsonMode"] as const;

/** Fields that a request can do without. */
const optionalFields = new Set(
  `temperature top_p top_k min_p top_a stop seed n logprobs top_logprobs logit_bias
  frequency_penalty presence_penalty repetition_penalty parallel_tool_calls tool_choice
  stream_options reasoning reasoning_effort verbosity service_tier prediction modalities
  prompt_cache_key prompt_cache_retention prompt_cache_options provider models plugins session_id
  user trace metadata cache_control transforms route usage store`.split(/\s+/),
);

/** Fields whose names are words that messages use for other things: they only count in quotes. */
const plainWords = new Set(
  `stop seed n reasoning verbosity prediction modalities provider models plugins user trace metadata
  transforms route usage store`.split(/\s+/),
);

/** What refusals have taught about a route: the fields, methods and forms that it does not take. */
export class RouteMemory {
  readonly #refusedFields = new Set<string>();
  readonly #refusedMethods = new Set<StructuredOutputMethod>();
  readonly #fittings = new Set<Fitting>();

  /** Whether nothing has been refused yet. */
  isEmpty = true;

  /** The request without the fields that the route refuses, and in the forms that it wants. */
  fit(request: ChatRequest): ChatRequest {
    const fields = Object.entries(request).filter(([field]) => !this.#refusedFields.has(field));
    let fitted = Object.fromEntries(fields) as unknown as ChatRequest;
    for (const fitting of this.#fittings) fitted = fitting.fit(fitted);
    return fitted;
  }

  /** The preferred method, or the next one that the route has not refused. */
  methodFor(preferred: StructuredOutputMethod): StructuredOutputMethod {
    const from = methods.indexOf(preferred);
    return methods.slice(from).find((method) => !this.#refusedMethods.has(method)) ?? preferred;
  }

  /**
   * Learns from a refused request.
   *
   * @returns what later requests leave out or say in another form, or `undefined` for nothing new
   */
  learn({ kind, status, message }: ModelError, request: ChatRequest): string | undefined {
    const isRefusal = status === 400 || status === 404 || status === 422;
    if (kind !== "invalid_request_error" || !isRefusal) return undefined;
    return speaksOfParameter(message)
      ? (this.#learnParameter(message, request) ?? this.#learnFitting(message, request))
      : this.#learnFitting(message, request);
  }

  #learnFitting(message: string, request: ChatRequest): string | undefined {
    const fitting = fittings.find(
      (known) =>
        !this.#fittings.has(known) && known.refusal.test(message) && known.fit(request) !== request,
    );
    if (!fitting) return undefined;
    this.#fittings.add(fitting);
    this.isEmpty = false;
    return fitting.name;
  }

  #learnParameter(message: string, request: ChatRequest): string | undefined {
    const method = methodOf(request);
    if (method && !this.#refusedMethods.has(method) && names(message, "response_format", method)) {
      this.#refusedMethods.add(method);
      this.isEmpty = false;
      return "response_format";
    }
    const candidates = Object.keys(request).filter(
      (name) => optionalFields.has(name) && !this.#refusedFields.has(name),
    );
    const field =
      candidates.find((name) => quotes(message, name)) ??
      candidates.find((name) => !plainWords.has(name) && names(message, name));
    if (!field) return undefined;
    this.#refusedFields.add(field);
    this.isEmpty = false;
    return field;
  }
}

function methodOf({ response_format: format }: ChatRequest): StructuredOutputMethod | undefined {
  if (format?.type === "json_schema") return "jsonSchema";
  return format?.type === "json_object" ? "jsonMode" : undefined;
}

function speaksOfParameter(message: string): boolean {
  return /unsupported|not support|unavailable|not (allowed|permitted|available)|unknown|unrecognized|unexpected|invalid|extra|does not|cannot|must not|no endpoints found that support|deprecated/i.test(
    message,
  );
}

/** Whether a message names a field in quotes, as most servers do; keys of JSON do not count. */
function quotes(message: string, field: string): boolean {
  return new RegExp(`'${field}'|\`${field}\`|"${field}"(?!\\s*:)`).test(message);
}

function names(message: string, ...fields: readonly string[]): boolean {
  return fields.some((field) => new RegExp(`(?<![a-z_])${field}(?![a-z_])`, "i").test(message));
}
