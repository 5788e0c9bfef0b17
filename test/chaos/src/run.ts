import { setTimeout as sleep } from "node:timers/promises";
import type { Orchestra } from "@orchestra/core";
import type { BookEntry } from "@orchestra/sandbox";
import { audit, createAccount, type Account } from "./accounting.ts";
import { factOf } from "./facts.ts";
import { labelOf } from "./faults.ts";
import {
  findLeaks,
  findListeners,
  socketsClosed,
  takeStock,
  type Holdings,
  type Leak,
} from "./leaks.ts";
import { judge, judgeError, type Outcome } from "./outcome.ts";
import { pipelineKinds, pipelines, type PipelineKind } from "./pipelines.ts";
import { createRandom } from "./random.ts";
import { createHarness, type Servers, type Harness } from "./stage.ts";
import type { Trace } from "./wire.ts";

export interface ChaosOptions {
  readonly seed: number;
  readonly pipelines: number;
  readonly concurrency: number;
  /** Called with the number of pipelines that have ended. */
  readonly onProgress?: (ended: number) => void;
}

/** The results of the calls with one fault. */
export interface FaultLine {
  requests: number;
  /** Attempts whose calls succeeded in the end. */
  succeeded: number;
  /** Attempts whose calls failed with a typed error. */
  failed: number;
  aborted: number;
}

export interface Bad {
  readonly pipeline: number;
  readonly kind: PipelineKind;
  readonly why: string;
  readonly faults: readonly string[];
}

export interface ChaosResult {
  readonly seed: number;
  readonly pipelines: number;
  readonly outcomes: Record<Outcome["kind"], number>;
  readonly errorCodes: Record<string, number>;
  readonly byKind: Record<string, Record<Outcome["kind"], number>>;
  readonly byFault: Record<string, FaultLine>;
  readonly account: Account;
  readonly leaks: readonly Leak[];
  readonly bad: readonly Bad[];
  readonly before: Holdings;
  readonly after: Holdings;
  readonly durationMs: number;
}

/** Pipelines that use the same pair of servers. The servers record all requests, so they are replaced after that. */
const roundSize = 500;
/** Concurrency of the first pipelines. Code that is not compiled yet is slow, so more would time out. */
const warmUpConcurrency = 8;
/** With fewer, much of the code would be compiled later, and the heap would grow by that. */
const minWarmUps = 30;
/** More than the maximum time of a pipeline: all attempts of its calls, each with its whole time limit. */
const watchdogMs = 60_000;
/** Share of the pipelines that their callers abort. */
const abortedShare = 0.02;

/** Runs all pipelines, and compares their results and records. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const startedAt = performance.now();
  const start = await takeStock();
  const run = new ChaosRun(options, await createHarness(options));
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => void rejections.push(reason);
  process.on("unhandledRejection", onRejection);
  try {
    // With the first pipelines, code is compiled, the catalog is loaded and caches are filled.
    const warmUp = Math.min(200, Math.max(minWarmUps, Math.ceil(options.pipelines / 5)));
    await run.round(0, warmUp, warmUpConcurrency);
    const warm = await takeStock();
    const before = { ...start, heapBytes: warm.heapBytes };
    for (let first = warmUp; first < options.pipelines; first += roundSize) {
      const end = Math.min(options.pipelines, first + roundSize);
      await run.round(first, end, options.concurrency);
    }
    const after = await takeStock();
    const leaks = [
      ...run.leaks,
      ...findLeaks(before, after, options.pipelines - warmUp),
      ...findListeners(run.signal),
      ...rejections.map((reason): Leak => ({ what: "rejections", detail: String(reason) })),
    ];
    const durationMs = Math.round(performance.now() - startedAt);
    return { ...run.result(), leaks, before, after, durationMs };
  } finally {
    process.off("unhandledRejection", onRejection);
  }
}

async function isLoaded(catalog: Orchestra["catalog"]): Promise<void> {
  for (let turn = 0; turn < 100 && (await catalog.list()).size === 0; turn += 1) await sleep(100);
}

class ChaosRun {
  readonly leaks: Leak[] = [];
  /** The signal of all pipelines that are not aborted. Listeners that are not removed from it would accumulate. */
  readonly signal = new AbortController().signal;
  readonly #options: ChaosOptions;
  readonly #harness: Harness;
  readonly #account = createAccount();
  readonly #outcomes = noOutcomes();
  readonly #errorCodes: Record<string, number> = {};
  readonly #byKind: Record<string, Record<Outcome["kind"], number>> = {};
  readonly #byFault: Record<string, FaultLine> = {};
  readonly #bad: Bad[] = [];
  #suspects: { index: number; kind: PipelineKind; why: string }[] = [];
  #ended = 0;

  constructor(options: ChaosOptions, harness: Harness) {
    this.#options = options;
    this.#harness = harness;
  }

  result() {
    return {
      seed: this.#options.seed,
      pipelines: this.#options.pipelines,
      outcomes: this.#outcomes,
      errorCodes: this.#errorCodes,
      byKind: this.#byKind,
      byFault: this.#byFault,
      account: this.#account,
      bad: this.#bad,
    };
  }

  /** Runs the pipelines from `first` to `end - 1`, on new servers. */
  async round(first: number, end: number, concurrency: number): Promise<void> {
    // Otherwise a request could use a connection that the earlier servers have closed.
    await socketsClosed();
    await using servers = await this.#harness.startServers(first);
    const { wire, orchestras } = this.#harness;
    // On a busy machine, loading it can take longer than a call waits for it. Then the cost would remain unknown.
    await Promise.all(orchestras.map(({ catalog }) => isLoaded(catalog)));
    let next = first;
    const work = async () => {
      while (next < end) await this.#one(next++);
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    await Promise.all(orchestras.map((orchestra) => orchestra.flushCosts()));
    await this.#settle(servers);
    const traces = wire.take();
    const entries = servers.entries();
    audit(this.#account, traces, entries, orchestras);
    this.#sortByFault(traces, entries);
  }

  async #one(index: number): Promise<void> {
    const { seed } = this.#options;
    const random = createRandom(seed * 1_000_003 + index);
    const kind = pipelineKinds[Math.floor(random() * pipelineKinds.length)] ?? "graph";
    const fact = factOf(index, seed);
    const caller = random() < abortedShare ? new AbortController() : undefined;
    const reason = new DOMException("The caller has left: abort", "AbortError");
    const abortTimer = caller && setTimeout(() => caller.abort(reason), 200 * random());

    const config = {
      signal: caller?.signal ?? this.signal,
      configurable: { run_id: runIdOf(index) },
    };
    const working = this.#harness.wire
      .run(runIdOf(index), () => pipelines[kind](this.#harness.stage, fact, config))
      .then(
        (answer) => judge(answer, fact),
        (error: unknown) => judgeError(error, caller?.signal.reason),
      );
    const watchdog = new AbortController();
    const hung = sleep<Outcome>(watchdogMs, { kind: "hung" }, { signal: watchdog.signal });
    hung.catch(() => undefined);
    const outcome = await Promise.race([working, hung]);
    watchdog.abort();
    clearTimeout(abortTimer);
    this.#book(index, kind, outcome);
  }

  #book(index: number, kind: PipelineKind, outcome: Outcome): void {
    this.#outcomes[outcome.kind] += 1;
    (this.#byKind[kind] ??= noOutcomes())[outcome.kind] += 1;
    if (outcome.kind === "typed-error") {
      this.#errorCodes[outcome.code] = (this.#errorCodes[outcome.code] ?? 0) + 1;
    }
    if (outcome.kind === "wrong") this.#suspects.push({ index, kind, why: outcome.why });
    if (outcome.kind === "hung") this.#suspects.push({ index, kind, why: "it did not end" });
    this.#ended += 1;
    this.#options.onProgress?.(this.#ended);
  }

  /** Waits until all requests have ended at the servers. A request that does not end in 5 seconds is a leak. */
  async #settle(servers: Servers): Promise<void> {
    const deadline = performance.now() + 5000;
    while (performance.now() < deadline) {
      const seen = servers.entries().length;
      await sleep(25);
      const entries = servers.entries();
      if (entries.length === seen && !entries.some(isOpen)) return;
    }
    for (const entry of servers.entries().filter(isOpen)) {
      const detail = `${entry.headers["x-session-id"]} is still open (${labelOf(entry)})`;
      this.leaks.push({ what: "requests", detail });
    }
  }

  #sortByFault(traces: readonly Trace[], entries: readonly BookEntry[]): void {
    const faultOf = new Map(
      entries.map((entry) => [entry.headers["x-session-id"], labelOf(entry)]),
    );
    const faultsOf = new Map<string, string[]>();
    for (const { runId, slots, records } of traces) {
      const statuses = new Map(records.map(({ id, status }) => [id, status]));
      const results = slots.flatMap(({ callId, requests }) =>
        requests.map(({ id, isRefused }) => ({
          fault: isRefused ? "refused" : faultOf.get(id),
          status: statuses.get(callId),
        })),
      );
      for (const { fault, status } of results) {
        if (fault === undefined) continue;
        const line = (this.#byFault[fault] ??= {
          requests: 0,
          succeeded: 0,
          failed: 0,
          aborted: 0,
        });
        line.requests += 1;
        line[status ?? "failed"] += 1;
      }
      faultsOf.set(
        runId,
        results.map(({ fault }) => fault ?? "ok"),
      );
    }
    for (const { index, kind, why } of this.#suspects) {
      this.#bad.push({ pipeline: index, kind, why, faults: faultsOf.get(runIdOf(index)) ?? [] });
    }
    this.#suspects = [];
  }
}

function isOpen({ endedAt }: BookEntry): boolean {
  return endedAt === undefined;
}

function runIdOf(index: number): string {
  return `run-${index}`;
}

function noOutcomes(): Record<Outcome["kind"], number> {
  return { right: 0, "typed-error": 0, partial: 0, aborted: 0, wrong: 0, hung: 0 };
}
