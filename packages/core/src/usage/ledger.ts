import type { CallRecord } from "./call-record.ts";
import type { OrchestraEvent } from "./events.ts";
import { addUsage, noUsage, type Usage } from "./usage.ts";

/** Sums over calls. */
export interface LedgerLine extends Usage {
  readonly calls: number;
  readonly failedCalls: number;
  /** HTTP requests, those that failed too. */
  readonly attempts: number;
}

export type LedgerKey = "runId" | "role" | "model";

/** Usage that became known late, and whose it is. */
export type LedgerCorrection = Readonly<Record<LedgerKey, string>> & { readonly usage: Usage };

const emptyLine: LedgerLine = { calls: 0, failedCalls: 0, attempts: 0, ...noUsage };

/** A long-lived process sees runs without end; the sums of the oldest are dropped first. */
const mostRuns = 10_000;

/** Adds calls up by run, role and model: tokens, dollars, attempts. */
export class Ledger {
  #total = emptyLine;
  readonly #lines: Record<LedgerKey, Map<string, LedgerLine>> = {
    runId: new Map(),
    role: new Map(),
    model: new Map(),
  };

  /** Books calls, and what becomes known later of their cost, as their events say it. */
  readonly listen = (event: OrchestraEvent): void => {
    if (event.type === "call-end") this.add(event.record);
    else if (event.type === "reconcile") {
      const { runId, role, model, missing } = event;
      this.correct({ runId, role, model, usage: missing });
    }
  };

  add(record: CallRecord): void {
    this.#total = plus(this.#total, record);
    for (const key of ["runId", "role", "model"] as const) {
      const lines = this.#lines[key];
      lines.set(record[key], plus(lines.get(record[key]) ?? emptyLine, record));
    }
    const runs = this.#lines.runId;
    const oldest = runs.keys().next();
    if (runs.size > mostRuns && !oldest.done) runs.delete(oldest.value);
  }

  /** Adds what an attempt turned out to have cost after its call was added. */
  correct({ usage, ...keys }: LedgerCorrection): void {
    this.#total = { ...this.#total, ...addUsage(this.#total, usage) };
    for (const key of ["runId", "role", "model"] as const) {
      const lines = this.#lines[key];
      const line = lines.get(keys[key]) ?? emptyLine;
      lines.set(keys[key], { ...line, ...addUsage(line, usage) });
    }
  }

  get total(): LedgerLine {
    return this.#total;
  }

  /** The sums for each run, role, or model asked for; of runs, the latest 10,000. */
  by(key: LedgerKey): ReadonlyMap<string, LedgerLine> {
    return this.#lines[key];
  }

  /** The sums of one run; zeros for a run without calls. */
  run(runId: string): LedgerLine {
    return this.#lines.runId.get(runId) ?? emptyLine;
  }
}

function plus(line: LedgerLine, record: CallRecord): LedgerLine {
  return {
    calls: line.calls + 1,
    failedCalls: line.failedCalls + (record.status === "succeeded" ? 0 : 1),
    attempts: line.attempts + record.attempts.length,
    ...addUsage(line, record),
  };
}
