import { LRUCache } from "lru-cache";
import { ArgumentError } from "../errors/argument-error.ts";
import type { CallRecord, Growing } from "./call-record.ts";
import type { OrchestraEvent } from "./events.ts";
import { addUsd, noUsage, tenths, type UnknownAttempts, type Usage } from "./usage.ts";

/** Sums over calls. */
export interface LedgerLine extends Usage, UnknownAttempts {
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls that ended without an answer and without a failure: aborted by their callers, or streams whose readers left. */
  readonly leftCalls: number;
  /** HTTP requests, including failed ones. */
  readonly attempts: number;
  /** Sum of the times of all calls, in milliseconds, also of calls at the same time. */
  readonly durationMs: number;
}

export type LedgerKey = "runId" | "role" | "model";

/** Usage that became known after its call was added, and the keys of the call. */
export type LedgerCorrection = Readonly<Record<LedgerKey, string>> & {
  /** The numbers to add; the counts are negative for attempts that are no longer unknown. */
  readonly usage: Usage & Partial<UnknownAttempts>;
};

/** A line that is changed in place: copying it for each call would take longer than adding to it. Readers get copies. */
type GrowingLine = Growing<LedgerLine>;

const emptyLine: LedgerLine = {
  calls: 0,
  failedCalls: 0,
  leftCalls: 0,
  attempts: 0,
  durationMs: 0,
  unknownUsageAttempts: 0,
  unknownCostAttempts: 0,
  ...noUsage,
};

/** Maximum number of sums: the number of runs of a process has no limit, and callers choose the names of roles and models. */
const maxLines = { runId: 10_000, role: 1000, model: 1000 } as const;
/** The caches are limited by the sum of sizes: a cache with a maximum number of entries allocates memory for all of them at once. */
const oneLine = { size: 1 } as const;
const keys = Object.keys(maxLines) as readonly LedgerKey[];

/**
 * Sums calls by run, role and model: tokens, dollars, attempts. Keeps the 10,000 runs, 1,000 roles and
 * 1,000 models that were used last.
 */
export class Ledger {
  readonly #total: GrowingLine = { ...emptyLine };
  readonly #lines: Record<LedgerKey, LRUCache<string, GrowingLine>> = {
    runId: new LRUCache({ maxSize: maxLines.runId }),
    role: new LRUCache({ maxSize: maxLines.role }),
    model: new LRUCache({ maxSize: maxLines.model }),
  };

  /** Adds calls, and costs that become known later, from their events. */
  readonly listen = (event: OrchestraEvent): void => {
    const type: unknown = event?.type;
    if (typeof type !== "string") {
      throw ArgumentError.of("ledger.listen(): event.type", type, "the type of an event");
    }
    if (event.type === "call-end") this.add(event.record);
    else if (event.type === "reconcile") {
      const { runId, role, model, missing } = event;
      this.correct({ runId, role, model, usage: missing });
    }
  };

  add(record: CallRecord): void {
    if (!Array.isArray(record?.attempts)) {
      throw ArgumentError.of(
        "ledger.add(): record",
        record,
        "the record of a call, with its attempts",
      );
    }
    addCall(this.#total, record);
    for (const key of keys) {
      const lines = this.#lines[key];
      let line = lines.get(record[key]);
      if (!line) lines.set(record[key], (line = { ...emptyLine }), oneLine);
      addCall(line, record);
    }
  }

  /** Adds a cost that became known after its call was added. A sum that is no longer kept is not created again. */
  correct(correction: LedgerCorrection): void {
    if (typeof correction?.usage?.costUsd !== "number") {
      throw ArgumentError.of(
        "ledger.correct(): correction",
        correction,
        "{ runId, role, model, usage }",
      );
    }
    const { usage, ...names } = correction;
    addUse(this.#total, usage);
    for (const key of keys) {
      const line = this.#lines[key].get(names[key]);
      if (line) addUse(line, usage);
    }
  }

  get total(): LedgerLine {
    return { ...this.#total };
  }

  /** The sums for each run, role or requested model, the most recently used one last. */
  by(key: LedgerKey): ReadonlyMap<string, LedgerLine> {
    if (!keys.includes(key)) {
      throw ArgumentError.of("ledger.by(): key", key, `one of ${keys.join(", ")}`);
    }
    const lines = new Map<string, LedgerLine>();
    this.#lines[key].rforEach((line, name) => lines.set(name, { ...line }));
    return lines;
  }

  /** The sums of one run; zeros for a run without calls. */
  run(runId: string): LedgerLine {
    return { ...(this.#lines.runId.peek(runId) ?? emptyLine) };
  }
}

function addCall(line: GrowingLine, record: CallRecord): void {
  line.calls += 1;
  if (record.status === "failed") line.failedCalls += 1;
  if (record.status === "aborted") line.leftCalls += 1;
  line.attempts += record.attempts.length;
  line.durationMs = tenths(line.durationMs + record.durationMs);
  addUse(line, record);
}

function addUse(line: GrowingLine, usage: Usage & Partial<UnknownAttempts>): void {
  line.promptTokens += usage.promptTokens;
  line.completionTokens += usage.completionTokens;
  line.cachedTokens += usage.cachedTokens;
  line.reasoningTokens += usage.reasoningTokens;
  line.costUsd = addUsd(line.costUsd, usage.costUsd);
  line.unknownUsageAttempts += usage.unknownUsageAttempts ?? 0;
  line.unknownCostAttempts += usage.unknownCostAttempts ?? 0;
}
