import type { OutgoingHttpHeaders } from "node:http";
import type { OrchestraEvent } from "@orchestra/core";
import { headerValue } from "../http/respond.ts";

/** Counts the work of a call, from its events, for the headers of its answer. */
export class CallMeter {
  readonly #startedAt = performance.now();
  #runId: string | undefined;
  #attempts = 0;
  #hasFallenBack = false;
  #waitMs = 0;
  /** Time in which a request upstream was in progress. */
  #upstreamMs = 0;
  #upstreamSince: number | undefined;

  readonly listen = (event: OrchestraEvent): void => {
    switch (event.type) {
      case "attempt-start":
        this.#runId = event.runId;
        this.#attempts += 1;
        this.#upstreamSince ??= performance.now();
        break;
      case "retry":
        this.#waitMs += event.waitMs;
        this.#endAttempt();
        break;
      case "rate-limit-wait":
        this.#waitMs += event.waitMs;
        break;
      case "fallback":
        this.#hasFallenBack = true;
        this.#endAttempt();
        break;
      case "call-end":
        this.#runId = event.runId;
        this.#hasFallenBack ||= event.record.fallbackUsed;
        this.#endAttempt();
        break;
      default:
    }
  };

  /**
   * The headers of an answer, or of an error. Times are milliseconds.
   *
   * @param provider - The provider, by OpenRouter's name.
   */
  headers(provider?: unknown): OutgoingHttpHeaders {
    const upstreamMs = this.#upstreamMs + this.#sinceStart();
    const overheadMs = performance.now() - this.#startedAt - upstreamMs - this.#waitMs;
    const headers: OutgoingHttpHeaders = {
      "x-orchestra-attempts": this.#attempts,
      "x-orchestra-fallback": String(this.#hasFallenBack),
      "x-orchestra-wait-ms": Math.round(this.#waitMs),
      "x-orchestra-overhead-ms": Math.max(0, Math.round(overheadMs * 100) / 100),
    };
    // If it is absent, an identical request in flight was joined, and its answer is shared.
    if (this.#runId !== undefined) headers["x-orchestra-run-id"] = headerValue(this.#runId);
    if (typeof provider === "string") headers["x-orchestra-provider"] = headerValue(provider);
    return headers;
  }

  #endAttempt(): void {
    this.#upstreamMs += this.#sinceStart();
    this.#upstreamSince = undefined;
  }

  #sinceStart(): number {
    return this.#upstreamSince === undefined ? 0 : performance.now() - this.#upstreamSince;
  }
}
