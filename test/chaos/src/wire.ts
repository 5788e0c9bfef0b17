import { AsyncLocalStorage } from "node:async_hooks";
import type { CallRecord, OrchestraEvent, Policy, Usage } from "@orchestra/core";
import { repeating } from "./own-policies.ts";
import { createRandom } from "./random.ts";

/** One HTTP request, as the client has sent it. */
export interface WireRequest {
  /** Sent as a header, so that the server records it. */
  readonly id: string;
  readonly isRefused: boolean;
  /** Absent for a request without an answer. */
  status?: number;
}

/** One attempt, by its event, and the requests that were sent in it. */
export interface Slot {
  readonly callId: string;
  readonly attempt: number;
  readonly requests: WireRequest[];
  /** Whether a user's policy has repeated the request within the attempt. */
  isRepeated?: true;
}

/** All data about the calls of one pipeline, except the records of the servers. */
export interface Trace {
  readonly runId: string;
  /** Usage of attempts that became known later, by call and attempt. */
  readonly found: Map<string, Usage>;
  /** The attempts among them whose cost became known later. */
  readonly priced: Set<string>;
  readonly slots: Slot[];
  readonly records: CallRecord[];
  /** Requests outside of any attempt. */
  readonly strays: WireRequest[];
}

export interface WireOptions {
  readonly seed: number;
  /** Share of the requests whose connection is refused. */
  readonly refusedShare: number;
  /** URL at which no server listens. */
  readonly deadUrl: string;
}

/**
 * The `fetch` of the orchestras, with their listeners: it counts the requests that are sent in each attempt, and refuses
 * the connections of some.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #traces = new Map<string, Trace>();
  readonly #current = new AsyncLocalStorage<Trace>();
  /** The attempt in progress. Concurrent calls and attempts each have their own. */
  readonly #slot = new AsyncLocalStorage<Slot>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** Runs one pipeline, and assigns all of its requests to it. */
  async run<T>(runId: string, work: () => Promise<T>): Promise<T> {
    const trace: Trace = {
      runId,
      found: new Map(),
      priced: new Set(),
      slots: [],
      records: [],
      strays: [],
    };
    this.#traces.set(runId, trace);
    return this.#current.run(trace, work);
  }

  /** Returns all traces, and removes them. */
  take(): Trace[] {
    const traces = [...this.#traces.values()];
    this.#traces.clear();
    return traces;
  }

  readonly onEvent = (event: OrchestraEvent): void => {
    if (event.type !== "attempt-start" && event.type !== "reconcile") return;
    const { callId, attempt } = event;
    const trace = this.#traces.get(event.runId);
    if (event.type === "attempt-start") trace?.slots.push({ callId, attempt, requests: [] });
    else {
      trace?.found.set(`${callId}/${attempt}`, event.usage);
      if (event.missing.unknownCostAttempts < 0) trace?.priced.add(`${callId}/${attempt}`);
    }
  };

  /** A policy around the sender: its requests belong to the attempt that the call has begun last. */
  readonly policy: Policy = (next, { scope, log }) => {
    return (attempt) => {
      const slots = this.#traces.get(scope.runId)?.slots;
      const slot = slots?.findLast(({ callId }) => callId === log.id);
      return slot ? this.#slot.run(slot, () => next(attempt)) : next(attempt);
    };
  };

  /** A user's policy, innermost in the chain: sends some requests twice within their attempts. */
  readonly repeating: Policy = repeating(() => {
    const slot = this.#slot.getStore();
    if (slot) slot.isRepeated = true;
  });

  readonly onCall = (record: CallRecord): void => {
    this.#traces.get(record.runId)?.records.push(record);
  };

  readonly fetch: typeof fetch = async (input, init) => {
    const trace = this.#current.getStore();
    if (!trace || !addressOf(input).endsWith("/chat/completions")) return fetch(input, init);
    const slot = this.#slot.getStore();
    const requests = slot?.requests ?? trace.strays;
    const id = `${trace.runId}/${slot ? trace.slots.indexOf(slot) + 1 : 0}/${requests.length}`;
    const request: WireRequest = { id, isRefused: this.#isRefused(id) };
    requests.push(request);
    const headers = new Headers(init?.headers);
    headers.set("x-session-id", id);
    const response = await fetch(request.isRefused ? this.#options.deadUrl : input, {
      ...init,
      headers,
    });
    request.status = response.status;
    return response;
  };

  #isRefused(id: string): boolean {
    let hash = this.#options.seed;
    for (const character of id) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
    return createRandom(hash)() < this.#options.refusedShare;
  }
}

function addressOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : String(input);
}
