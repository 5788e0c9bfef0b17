import { systemClock } from "../clock/index.ts";
import type { ChatRequest, StructuredOutputMethod } from "../completions/index.ts";
import type { ModelError } from "../errors/index.ts";
import { fittings, type Fitting } from "./fittings/index.ts";
import { namesField, quotesField, speaksOfParameter } from "./refusal-wording.ts";
import { methodOf, withoutRefusedFormat } from "./response-formats.ts";

/** Methods of structured output, the most reliable first. */
const methods = ["jsonSchema", "functionCalling", "jsonMode"] as const;

/** Fields that a request can do without. */
const optionalFields = new Set(
  `temperature top_p top_k min_p top_a stop seed n logprobs top_logprobs logit_bias
  frequency_penalty presence_penalty repetition_penalty parallel_tool_calls tool_choice
  stream stream_options reasoning reasoning_effort verbosity service_tier prediction modalities
  prompt_cache_key prompt_cache_retention prompt_cache_options provider models plugins session_id
  user trace metadata cache_control transforms route usage store safety_identifier input_type`.split(
    /\s+/,
  ),
);

/** Fields whose names are words that messages use for other things: they only count in quotes. */
const plainWords = new Set(
  `stop seed n stream reasoning verbosity prediction modalities provider models plugins user trace
  metadata transforms route usage store`.split(/\s+/),
);

/** Servers change: a refused field is sent again after this time, in milliseconds. */
const rememberedMs = 60 * 60 * 1000;

/**
 * What refusals have taught about a route: the fields, methods and forms that it does not take. All of
 * it is forgotten an hour after the last refusal.
 */
export class RouteMemory {
  readonly #refusedFields = new Set<string>();
  readonly #refusedMethods = new Set<StructuredOutputMethod>();
  readonly #fittings = new Set<Fitting>();
  readonly #now: () => number;
  #learnedAt = 0;
  /** The changes of requests, in the words of events and records. */
  #learned: readonly string[] = [];

  /** Whether nothing has been refused yet. */
  isEmpty = true;
  /** Whether the route supports only whole answers. */
  refusesStreams = false;
  /** A field that is left out before any refusal, until an event has named it. */
  unreported: string | undefined;

  /** @param now - Milliseconds since the epoch. @defaultValue the system's clock */
  constructor(now: () => number = systemClock.now.bind(systemClock)) {
    this.#now = now;
  }

  /** The changes of requests, by their names. */
  get learned(): readonly string[] {
    return this.#learned;
  }

  /** The request without the fields that the route refuses, and in the forms that it wants. */
  fit(request: ChatRequest): ChatRequest {
    this.#forgetOld();
    const fields = Object.entries(request).filter(([field]) => !this.#refusedFields.has(field));
    let fitted = Object.fromEntries(fields) as unknown as ChatRequest;
    // The sender would add it to a request that it streams.
    if (this.#refusedFields.has("stream_options"))
      fitted = { ...fitted, stream_options: undefined };
    fitted = withoutRefusedFormat(fitted, this.#refusedMethods);
    for (const fitting of this.#fittings) fitted = fitting.fit(fitted);
    return fitted;
  }

  /** The preferred method, or the next one that the route has not refused. */
  methodFor(preferred: StructuredOutputMethod): StructuredOutputMethod {
    const from = methods.indexOf(preferred);
    const isTaken = (method: StructuredOutputMethod) => !this.#refusedMethods.has(method);
    // If the last one is refused, the schema is only in the prompt.
    return methods.slice(from).find(isTaken) ?? (this.isEmpty ? preferred : "jsonMode");
  }

  /**
   * Learns from a refused request.
   *
   * @returns the changes of later requests, or `undefined` if there is no new one
   */
  learn({ kind, status = 0, message }: ModelError, request: ChatRequest): string | undefined {
    const isRefusal =
      kind === "invalid_request_error" && [400, 404, 405, 415, 422].includes(status);
    // Some servers fail on unknown fields; then only an unambiguous message counts.
    const isFailure = kind === "service_error" && [500, 501].includes(status);
    if (!isRefusal && !isFailure) return undefined;
    const speaks = speaksOfParameter(message, isFailure);
    const learned = speaks
      ? (this.#learnParameter(message, request) ?? this.#learnFitting(message, request))
      : isRefusal
        ? this.#learnFitting(message, request)
        : undefined;
    if (learned !== undefined) this.#note(learned);
    return learned;
  }

  /** Leaves out a field that the catalog does not list for the model. */
  leaveOut(field: string): void {
    this.#forgetOld();
    if (this.#refusedFields.has(field)) return;
    this.#refusedFields.add(field);
    this.#note(field);
    this.unreported = field;
  }

  #note(learned: string): void {
    this.isEmpty = false;
    this.#learnedAt = this.#now();
    this.#learned = [...this.#learned, learned];
  }

  #learnFitting(message: string, request: ChatRequest): string | undefined {
    const fitting = fittings.find(
      (known) =>
        !this.#fittings.has(known) && known.refusal.test(message) && known.fit(request) !== request,
    );
    if (fitting) this.#fittings.add(fitting);
    return fitting?.name;
  }

  #learnParameter(message: string, request: ChatRequest): string | undefined {
    const method = methodOf(request);
    if (method && !this.#refusedMethods.has(method.name) && method.refusal.test(message)) {
      this.#refusedMethods.add(method.name);
      return method.field;
    }
    // A request that is streamed from upstream has fields that the sender adds.
    const sent = new Set([...Object.keys(request), "stream_options", "stream"]);
    const candidates = [...sent].filter(
      (name) => optionalFields.has(name) && !this.#refusedFields.has(name),
    );
    const field =
      candidates.find((name) => quotesField(message, name)) ??
      candidates.find((name) => !plainWords.has(name) && namesField(message, name)) ??
      (/\bstream(ing)?\b/i.test(message)
        ? candidates.find((name) => name === "stream")
        : undefined);
    if (field) this.#refusedFields.add(field);
    if (field === "stream") this.refusesStreams = true;
    return field;
  }

  #forgetOld(): void {
    if (this.#now() - this.#learnedAt <= rememberedMs) return;
    this.#refusedFields.clear();
    this.#refusedMethods.clear();
    this.#fittings.clear();
    this.#learned = [];
    this.refusesStreams = false;
    this.isEmpty = true;
  }
}
