import { within } from "../clock/index.ts";
import type { ChatRequest } from "../completions/index.ts";
import { cleanName } from "../completions/clean-name.ts";
import type { FallbackState } from "../errors/advice.ts";
import type { ModelError } from "../errors/index.ts";
import type { Route } from "../routes/index.ts";
import type {
  AttemptRecord,
  CallContent,
  CallOrigin,
  CallRecord,
  Growing,
} from "../usage/call-record.ts";
import type { CallEvent, OrchestraEvent } from "../usage/events.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { isUnbilled } from "./is-unbilled.ts";
import { addUsage, noUsage, tenths, type Usage } from "../usage/usage.ts";
import type { Attempt } from "./attempt.ts";
import { correctionOf, countUnknown, unknownParts } from "./late-costs.ts";
import { promptContent } from "./prompt-content.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";

type EventOfCall = Extract<OrchestraEvent, { callId: string }>;

/** An attempt in progress. */
export interface OpenAttempt {
  readonly number: number;
  /** @returns how long the attempt took, in milliseconds */
  readonly end: (metadata: ResponseMetadata, error?: ModelError) => number;
}

/** An attempt that succeeded. */
interface Answered {
  readonly route: Route;
  readonly metadata: ResponseMetadata;
}

/** Records one call: its attempts and events while it runs, and its record at the end. */
export class CallLog {
  readonly id: string;
  /** Requests that the call's limit has admitted. */
  admitted = 0;
  /** The results of the call's fallbacks. */
  fallbacks: FallbackState = "none";
  readonly role: string;
  readonly #model: string;
  readonly #scope: RunScope;
  readonly #services: CallServices;
  readonly #startedAt: number;
  readonly #origin: Growing<CallOrigin>;
  /** The attempts that have ended, in the order of their ends. */
  readonly attempts: AttemptRecord[] = [];
  /** The errors of the failed attempts. */
  readonly errors: ModelError[] = [];
  readonly #skipped: string[] = [];
  /** Attempts in progress: the loser of a race ends a moment after the winner. */
  openAttempts = 0;
  #onIdle: (() => void) | undefined;
  /** Costs that became known before the end of the call, and are reported after it; none once it has ended. */
  #corrections: CallEvent[] | undefined = [];
  #mayHaveUnknown = false;
  #begun = 0;
  #content: CallContent | undefined;
  /** The successful ones. In a race of a user's policy, there may be several. */
  readonly #answers: Answered[] = [];
  /** If there are several, the one whose answer the caller gets. */
  #winner: Answered | undefined;

  /** @param request - The request to the first route. */
  constructor(
    role: string,
    {
      model,
      messages,
      user,
    }: Pick<ChatRequest, "model" | "messages"> & { readonly user?: unknown },
    scope: RunScope,
    services: CallServices,
  ) {
    this.id = services.createId();
    this.role = role;
    this.#model = model;
    this.#scope = scope;
    this.#services = services;
    this.#startedAt = services.clock.now();
    this.#origin = { startedAt: new Date(this.#startedAt).toISOString() };
    const { key } = scope;
    if (key) this.#origin.key = { id: key.id, name: key.name };
    const named = scope.user ?? user;
    // Without one, nothing has to be cleaned.
    if (typeof named === "string" && named !== "") this.#origin.user = cleanName(named);
    if (services.keepsContent) this.#content = { prompt: promptContent(messages) };
  }

  /** Suggests ids for a model that the server does not have, if the server lists its models. */
  nearestModels(id: string): Promise<readonly string[]> {
    return this.#services.nearestModels(id, this.fallbacks === "impossible");
  }

  begin(attempt: Attempt): OpenAttempt {
    const { now } = this.#services.clock;
    const startedAt = now();
    const { model, via } = attempt.route;
    const number = (this.#begun += 1);
    this.emit({ type: "attempt-start", attempt: number, model, via });
    this.openAttempts += 1;
    const end = (metadata: ResponseMetadata, error?: ModelError): number => {
      const durationMs = now() - startedAt;
      const record = attemptRecord(attempt, { number, startedAt, durationMs }, metadata, error);
      this.attempts.push(record);
      if (!metadata.costSource) this.#mayHaveUnknown = true;
      if (error) this.errors.push(error);
      else this.#answers.push({ route: attempt.route, metadata });
      if (metadata.lateUsage || !this.#corrections) this.#correctLater(record, metadata);
      if ((this.openAttempts -= 1) === 0) this.#onIdle?.();
      return durationMs;
    };
    return { number, end };
  }

  emit(event: CallEvent): void {
    const { runId, parentId, onEvent } = this.#scope;
    const whole = { ...event, runId, callId: this.id, role: this.role } as Growing<EventOfCall>;
    if (parentId !== undefined) whole.parentId = parentId;
    this.#services.emit(whole, onEvent);
  }

  /** A route was skipped, because its circuit is open. */
  skip({ model }: Route): void {
    this.#skipped.push(model);
  }

  /** The route whose attempt succeeded; `undefined` while none has. A stream succeeds at its end. */
  get answeredBy(): Route | undefined {
    return this.#answers.at(-1)?.route;
  }

  /** Resolves when no attempt is in progress. One that does not end is not waited for. */
  async idle(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    // The loser of a race ends at once; an attempt that a policy has abandoned may take any time.
    await within(this.#services.clock, 2000, promise);
  }

  /**
   * @param answer - Metadata of the response whose answer the caller gets.
   * @returns the call's record
   */
  succeed(completion: string, answer: ResponseMetadata): CallRecord {
    if (this.#content) this.#content = { ...this.#content, completion };
    if (this.#answers.length > 1) {
      const { generationId, firstTokenAt } = answer;
      this.#winner = this.#answers.findLast(
        ({ metadata }) =>
          metadata.generationId === generationId && metadata.firstTokenAt === firstTokenAt,
      );
    }
    return this.end("succeeded");
  }

  /** Corrects the recorded cost when the cost of an attempt becomes known. */
  #correctLater(attempt: AttemptRecord, metadata: ResponseMetadata): void {
    const isInRecord = this.#corrections !== undefined;
    const book = async (): Promise<void> => {
      const correction = await correctionOf(attempt, metadata, { model: this.#model, isInRecord });
      if (!correction) return;
      const event = { ...correction, call: this.#origin };
      if (this.#corrections) this.#corrections.push(event);
      else this.emit(event);
    };
    this.#services.reconciler.track(book());
  }

  /** @returns the call's record */
  end(status: CallRecord["status"], error?: CallRecord["error"]): CallRecord {
    const now = this.#services.clock.now();
    const { route, metadata } = this.#winner ?? this.#answers.at(-1) ?? {};
    const { startedAt, key, user } = this.#origin;
    let usage: Usage = this.attempts[0] ?? noUsage;
    for (const attempt of this.attempts.slice(1)) usage = addUsage(usage, attempt);
    const record: Growing<CallRecord> = {
      id: this.id,
      runId: this.#scope.runId,
      traceId: this.#scope.traceId,
      role: this.role,
      status,
      model: this.#model,
      servedModel: metadata?.servedModel,
      provider: metadata?.provider ?? route?.provider,
      via: route?.via,
      fallbackUsed:
        route !== undefined && (route.model !== this.#model || (metadata?.gatewayTarget ?? 0) > 0),
      finishReason: metadata?.finishReason,
      startedAt,
      durationMs: tenths(now - this.#startedAt),
      timeToFirstTokenMs: tenths(metadata?.firstTokenAt, this.#startedAt),
      promptTokens: usage.promptTokens,
      completionTokens: usage.completionTokens,
      cachedTokens: usage.cachedTokens,
      reasoningTokens: usage.reasoningTokens,
      costUsd: usage.costUsd,
      attempts: this.attempts.toSorted((a, b) => a.number - b.number),
    };
    if (key) record.key = key;
    if (user !== undefined) record.user = user;
    if (this.#mayHaveUnknown) Object.assign(record, countUnknown(this.attempts));
    if (this.#skipped.length > 0) record.skipped = this.#skipped;
    if (error) record.error = error;
    if (this.#content) record.content = this.#content;
    this.emit({ type: "call-end", record });
    for (const event of this.#corrections ?? []) this.emit(event);
    this.#corrections = undefined;
    return record;
  }
}

/** The record of one attempt that has ended. */
function attemptRecord(
  { route, isRepair, waitedMs, rateLimitedMs }: Attempt,
  { number, startedAt, durationMs }: { number: number; startedAt: number; durationMs: number },
  { usage, costSource, status, provider, generationId, firstTokenAt }: ResponseMetadata,
  error: ModelError | undefined,
): AttemptRecord {
  const record: Growing<AttemptRecord> = {
    number,
    model: route.model,
    via: route.via,
    provider: provider ?? error?.details.provider ?? route.provider,
    generationId,
    status: status ?? error?.status,
    waitedMs: tenths(waitedMs),
    rateLimitedMs: tenths(rateLimitedMs),
    durationMs: tenths(durationMs),
    timeToFirstTokenMs: tenths(firstTokenAt, startedAt),
    ...(usage ?? noUsage),
  };
  if (isRepair) record.repair = true;
  if (!route.memory.isEmpty) record.adapted = route.memory.learned;
  if (record.costUsd > 0 && costSource !== "server") record.costIsEstimate = true;
  if (!costSource && !isUnbilled(status, error)) Object.assign(record, unknownParts(usage));
  if (error) record.error = { kind: error.kind, message: error.message };
  return record;
}
