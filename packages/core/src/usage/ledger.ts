import { LRUCache } from "lru-cache";
import { ArgumentError } from "../errors/argument-error.ts";
import type { CallRecord } from "./call-record.ts";
import type { OrchestraEvent } from "./events.ts";
import { addUsage, noUsage, type UnknownAttempts, type Usage } from "./usage.ts";

/** Sums over calls. */
export interface LedgerLine extends Usage, UnknownAttempts {
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls that ended without an answer and without a failure: aborted by their callers, or streams whose readers left. */
  readonly leftCalls: number;
  /** HTTP requests, those that failed too. */
  readonly attempts: number;
  /** The time of all calls together, in milliseconds; calls at the same time count each. */
  readonly durationMs: number;
}

export type LedgerKey = "runId" | "role" | "model";

/** Usage that became known late, and whose it is. */
export type LedgerCorrection = Readonly<Record<LedgerKey, string>> & {
  /** What is to be added; the counts are negative for attempts that are no longer unknown. */
  readonly usage: Usage & Partial<UnknownAttempts>;
};

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

/** A long-lived process sees runs without end, and callers choose the names of roles and models. */
const maxLines = { runId: 10_000, role: 1000, model: 1000 } as const;
/** Lines are counted by their sizes: a cache with a number of entries takes the memory of them all at once. */
const oneLine = { size: 1 } as const;
const keys = Object.keys(maxLines) as readonly LedgerKey[];

/**
 * Sums calls by run, role and model: tokens, dollars, attempts. Keeps the 10,000 runs, 1,000 roles and
 * 1,000 models that were used last.
 */
export class Ledger {
  #total = emptyLine;
  readonly #lines: Record<LedgerKey, LRUCache<string, LedgerLine>> = {
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
    this.#total = plus(this.#total, record);
    for (const key of keys) {
      const lines = this.#lines[key];
      lines.set(record[key], plus(lines.get(record[key]) ?? emptyLine, record), oneLine);
    }
  }

  /** Adds a cost that became known after its call was added. A sum that was dropped stays dropped. */
  correct(correction: LedgerCorrection): void {
    if (typeof correction?.usage?.costUsd !== "number") {
      throw ArgumentError.of(
        "ledger.correct(): correction",
        correction,
        "{ runId, role, model, usage }",
      );
    }
    const { usage, ...names } = correction;
    this.#total = corrected(this.#total, usage);
    for (const key of keys) {
      const lines = this.#lines[key];
      const line = lines.peek(names[key]);
      if (line) lines.set(names[key], corrected(line, usage), oneLine);
    }
  }

  get total(): LedgerLine {
    return this.#total;
  }

  /** The sums for each run, role, or model asked for, the one that was used last at the end. */
  by(key: LedgerKey): ReadonlyMap<string, LedgerLine> {
    if (!keys.includes(key)) {
      throw ArgumentError.of("ledger.by(): key", key, `one of ${keys.join(", ")}`);
    }
    const lines = new Map<string, LedgerLine>();
    this.#lines[key].rforEach((line, name) => lines.set(name, line));
    return lines;
  }

  /** The sums of one run; zeros for a run without calls. */
  run(runId: string): LedgerLine {
    return this.#lines.runId.peek(runId) ?? emptyLine;
  }
}

function plus(line: LedgerLine, record: CallRecord): LedgerLine {
  const { status } = record;
  return {
    calls: line.calls + 1,
    failedCalls: line.failedCalls + (status === "failed" ? 1 : 0),
    leftCalls: line.leftCalls + (status === "aborted" ? 1 : 0),
    attempts: line.attempts + record.attempts.length,
    durationMs: line.durationMs + record.durationMs,
    unknownUsageAttempts: line.unknownUsageAttempts + (record.unknownUsageAttempts ?? 0),
    unknownCostAttempts: line.unknownCostAttempts + (record.unknownCostAttempts ?? 0),
    ...addUsage(line, record),
  };
}

function corrected(line: LedgerLine, usage: LedgerCorrection["usage"]): LedgerLine {
  return {
    ...line,
    unknownUsageAttempts: line.unknownUsageAttempts + (usage.unknownUsageAttempts ?? 0),
    unknownCostAttempts: line.unknownCostAttempts + (usage.unknownCostAttempts ?? 0),
    ...addUsage(line, usage),
  };
}
