import type { BaseMessage } from "@langchain/core/messages";
import { CallFailedError, type ErrorKind, ModelError } from "../errors/index.ts";
import { adviceFor, type FallbackState } from "../errors/advice.ts";
import { addUsage, noUsage, subtractUsage, type Sighting } from "../transport/index.ts";
import type { Candidate } from "./candidate.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import type { AttemptRecord, CallContent, CallRecord, Usage } from "../usage/call-record.ts";
import type { OrchestraEvent } from "../usage/events.ts";

type Emitted = OrchestraEvent extends infer E
  ? E extends { callId: string }
    ? Omit<E, "runId" | "callId" | "role">
    : never
  : never;

/** What is known of an attempt before it is made. */
export interface AttemptStart {
  /** How long the call waited before it, in milliseconds. */
  readonly waitedMs: number;
  /** How long the account's limits kept it, in milliseconds. */
  readonly pacedMs: number;
  readonly isRepair?: boolean | undefined;
}

/** One attempt while it is under way. */
export interface OpenAttempt {
  readonly number: number;
  readonly seen: Sighting;
  succeed(): void;
  fail(error: ModelError): void;
}

/** Writes down one call as it goes: its attempts, its events, and at the end its record. */
export class CallLog {
  readonly id: string;
  readonly #role: string;
  readonly #model: string;
  readonly #scope: RunScope;
  readonly #services: CallServices;
  readonly #startedAt: number;
  readonly #attempts: AttemptRecord[] = [];
  readonly #errors: ModelError[] = [];
  readonly #skipped: string[] = [];
  #begun = 0;
  #content: CallContent | undefined;
  #winner: { candidate: Candidate; seen: Sighting } | undefined;

  /** @param model - Model of the first candidate. */
  constructor(role: string, model: string, scope: RunScope, services: CallServices) {
    this.id = services.createId();
    this.#role = role;
    this.#model = model;
    this.#scope = scope;
    this.#services = services;
    this.#startedAt = services.clock.now();
  }

  begin(candidate: Candidate, { waitedMs, pacedMs, isRepair }: AttemptStart): OpenAttempt {
    const { now } = this.#services.clock;
    const startedAt = now();
    const seen: Sighting = {};
    this.#begun += 1;
    const number = this.#begun;
    const { model, via } = candidate;
    this.emit({ type: "attempt-start", attempt: number, model, via });

    let hasEnded = false;
    const end = (error?: ModelError) => {
      if (hasEnded) return;
      hasEnded = true;
      const durationMs = now() - startedAt;
      this.#services.latencies.record(this.#role, durationMs);
      this.#attempts.push({
        number,
        model,
        via,
        provider: seen.provider ?? error?.details.provider ?? candidate.provider,
        generationId: seen.generationId,
        ...(isRepair ? { repair: true } : {}),
        status: seen.status ?? error?.status,
        waitedMs: tenths(waitedMs),
        pacedMs: tenths(pacedMs),
        durationMs: tenths(durationMs),
        timeToFirstTokenMs: since(startedAt, seen.firstTokenAt),
        ...(seen.usage ?? noUsage),
        ...(isEstimate(seen) ? { costIsEstimate: true } : {}),
        ...(error ? { error: { kind: error.kind, message: error.message } } : {}),
      });
      if (error) this.#errors.push(error);
      else this.#winner = { candidate, seen };
    };
    return { number, seen, succeed: () => end(), fail: end };
  }

  emit(event: Emitted): void {
    const whole = {
      ...event,
      runId: this.#scope.runId,
      callId: this.id,
      role: this.#role,
    } as OrchestraEvent;
    this.#services.onEvent(whole);
    this.#scope.onEvent?.(whole);
  }

  /** A candidate was passed over, because its circuit is open. */
  skip({ model }: Candidate): void {
    this.#skipped.push(model);
  }

  /**
   * What an attempt took was found out after the call's record was written.
   *
   * @param recorded - What the record has of it.
   * @param usage - What it took in fact.
   */
  correct(attempt: number, recorded: Usage, usage: Usage, generationId?: string): void {
    const { runId } = this.#scope;
    const missing = subtractUsage(usage, recorded);
    this.#services.correct({ runId, role: this.#role, model: this.#model, usage: missing });
    this.emit({ type: "reconcile", attempt, generationId, usage });
  }

  get attempts(): number {
    return this.#attempts.length;
  }

  /** Keeps what was asked, if records are to hold it. */
  ask(messages: readonly BaseMessage[]): void {
    if (!this.#services.keepsContent) return;
    this.#content = {
      prompt: messages.map((message) => ({ role: message.type, text: message.text })),
    };
  }

  /** @returns the call's record */
  succeed(completion: string): CallRecord {
    if (this.#content) this.#content = { ...this.#content, completion };
    return this.#end("succeeded");
  }

  /**
   * Ends the call.
   *
   * @returns what the caller is to get: an abort's own reason, else all the attempts in one error
   */
  fail(error: unknown, isAborted: boolean, fallbacks: FallbackState): unknown {
    if (isAborted) {
      this.#end("aborted", { kind: "aborted", message: "The caller aborted the call" });
      return error;
    }
    if (!ModelError.isInstance(error)) {
      const kind: ErrorKind = "unknown_error";
      this.#end("failed", {
        kind,
        message: error instanceof Error ? error.message : String(error),
      });
      return error;
    }
    this.#end("failed", { kind: error.kind, message: error.message });
    const isOfAttempt = this.#errors.at(-1) === error;
    const errors = isOfAttempt ? this.#errors : [...this.#errors, error];
    return new CallFailedError(this.#role, this.#attempts, errors, adviceFor(error, fallbacks));
  }

  /** Another candidate than the first answered, or another target of the gateway's. */
  #isFallback({ candidate, seen }: { candidate: Candidate; seen: Sighting }): boolean {
    return candidate.model !== this.#model || (seen.gatewayTarget ?? 0) > 0;
  }

  #end(status: CallRecord["status"], error?: CallRecord["error"]): CallRecord {
    const now = this.#services.clock.now();
    const winner = this.#winner;
    const record: CallRecord = {
      id: this.id,
      runId: this.#scope.runId,
      traceId: this.#scope.traceId,
      role: this.#role,
      status,
      model: this.#model,
      servedModel: winner?.seen.servedModel,
      provider: winner?.seen.provider ?? winner?.candidate.provider,
      via: winner?.candidate.via,
      fallbackUsed: winner !== undefined && this.#isFallback(winner),
      startedAt: new Date(this.#startedAt).toISOString(),
      durationMs: tenths(now - this.#startedAt),
      timeToFirstTokenMs: since(this.#startedAt, winner?.seen.firstTokenAt),
      ...this.#attempts.reduce(addUsage, noUsage),
      attempts: this.#attempts.toSorted((a, b) => a.number - b.number),
      ...(this.#skipped.length > 0 ? { skipped: this.#skipped } : {}),
      ...(error ? { error } : {}),
      ...(this.#content ? { content: this.#content } : {}),
    };
    this.#services.record(record);
    this.emit({ type: "call-end", record });
    return record;
  }
}

/** Whether the cost was reckoned by us, and is not the server's own word. */
function isEstimate({ usage, isCostReported }: Sighting): boolean {
  return usage !== undefined && usage.costUsd > 0 && !isCostReported;
}

function since(startedAt: number, at: number | undefined): number | undefined {
  return at === undefined ? undefined : tenths(at - startedAt);
}

/** A tenth of a millisecond is finer than any network. */
function tenths(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
