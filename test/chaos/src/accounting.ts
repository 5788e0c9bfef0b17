import type { AttemptRecord, CallRecord, Orchestra } from "@orchestra/core";
import type { BookEntry } from "@orchestra/sandbox";
import { labelOf } from "./faults.ts";
import type { Slot, Trace, WireRequest } from "./wire.ts";

/** How the ledger's figures compare with the servers' books. */
export interface Account {
  /** Requests that the wire saw. */
  requests: number;
  /** Requests that the servers' books have. */
  booked: number;
  /** Connections refused: no server knows of them. */
  refused: number;
  /** Requests that the client gave up before a server had read them. */
  unsent: number;
  /** Attempts whose tokens and cost were compared, and equal to the unit. */
  equal: number;
  /** Attempts that the server charged for and whose usage never arrived; only the server knows it. */
  readonly unknowable: { attempts: number; tokens: number; costUsd: number };
  readonly mismatches: Mismatch[];
}

export interface Mismatch {
  readonly what: string;
  readonly runId: string;
  readonly fault: string | undefined;
  readonly detail: string;
}

export function createAccount(): Account {
  return {
    requests: 0,
    booked: 0,
    refused: 0,
    unsent: 0,
    equal: 0,
    unknowable: { attempts: 0, tokens: 0, costUsd: 0 },
    mismatches: [],
  };
}

/** Answers that break off, or turn out to be none, before they tell their usage. */
const untold = new Set<string | undefined>([
  "cut",
  "truncated",
  "stall",
  "broken-json",
  "error-200",
  "error-choice",
  "error-mid-stream",
  "error-mid-stream-string-code",
  "error-mid-stream-no-choices",
]);

/** Compares what the orchestras wrote down with the wire and with the servers' books. */
export function audit(
  account: Account,
  traces: readonly Trace[],
  entries: readonly BookEntry[],
  orchestras: readonly Orchestra[],
): void {
  const byRequest = new Map(entries.map((entry) => [entry.headers["x-session-id"], entry]));
  account.booked += entries.length;
  let known = 0;
  for (const trace of traces) known += auditTrace(account, trace, byRequest, orchestras);
  if (known !== entries.length) {
    const detail = `${entries.length} in the books, ${known} of them known to the wire`;
    account.mismatches.push({ what: "requests", runId: "all", fault: undefined, detail });
  }
}

function auditTrace(
  account: Account,
  { runId, slots, records, strays }: Trace,
  byRequest: ReadonlyMap<string | undefined, BookEntry>,
  orchestras: readonly Orchestra[],
): number {
  let known = 0;
  const report = (what: string, detail: string, entry?: BookEntry) => {
    account.mismatches.push({ what, runId, fault: entry && labelOf(entry), detail });
  };
  const attempts = new Map(
    records.flatMap(({ id, attempts }) => attempts.map((one) => [`${id}/${one.number}`, one])),
  );
  if (strays.length > 0) report("requests", `${strays.length} outside of any attempt`);
  for (const slot of slots) {
    const attempt = attempts.get(keyOf(slot));
    attempts.delete(keyOf(slot));
    account.requests += slot.requests.length;
    const entry = byRequest.get(slot.requests[0]?.id);
    if (entry) known += 1;
    if (!attempt) {
      report("attempts", `${keyOf(slot)} is in no record`, entry);
      continue;
    }
    if (slot.requests.length > 1) report("attempts", `${slot.requests.length} requests in one`);
    compare(account, slot.requests[0], attempt, entry, (what, detail) =>
      report(what, detail, entry),
    );
  }
  for (const key of attempts.keys()) report("attempts", `${key} had no event`);
  auditLedger(runId, records, orchestras, report);
  return known;
}

function keyOf({ callId, attempt }: Slot): string {
  return `${callId}/${attempt}`;
}

type Report = (what: string, detail: string) => void;

function compare(
  account: Account,
  request: WireRequest | undefined,
  attempt: AttemptRecord,
  entry: BookEntry | undefined,
  report: Report,
): void {
  if (request?.isRefused) {
    account.refused += 1;
    if (attempt.error?.kind !== "connection_error" && attempt.error?.kind !== "aborted") {
      report("refused", `recorded as ${attempt.error?.kind}`);
    }
  }
  if (attempt.status !== request?.status) {
    report("status", `${attempt.status} recorded, ${request?.status} came`);
  }
  if (!entry) {
    const isGivenUp = attempt.error?.kind === "aborted" || attempt.error?.kind === "timeout_error";
    if (isGivenUp && !request?.isRefused) account.unsent += 1;
    else if (!request?.isRefused) report("requests", "a request that no server has booked");
    if (attempt.promptTokens > 0 || attempt.costUsd > 0) report("usage", "usage out of nowhere");
    return;
  }
  compareIdentity(request, attempt, entry, report);
  compareUsage(account, attempt, entry, report);
}

function compareIdentity(
  request: WireRequest | undefined,
  attempt: AttemptRecord,
  entry: BookEntry,
  report: Report,
): void {
  if (request?.status !== undefined && request.status !== entry.status) {
    report("status", `${request.status} came, ${entry.status} booked`);
  }
  if (attempt.model !== entry.modelAsked) {
    report("model", `${attempt.model} recorded, ${entry.modelAsked} booked`);
  }
  const isNamed = attempt.generationId !== undefined;
  if (isNamed ? attempt.generationId !== entry.id : request?.status === 200) {
    report("generation", `${attempt.generationId} recorded, ${entry.id} booked`);
  }
}

function compareUsage(
  account: Account,
  attempt: AttemptRecord,
  entry: BookEntry,
  report: Report,
): void {
  const isEqual =
    attempt.promptTokens === entry.promptTokens &&
    attempt.completionTokens === entry.completionTokens &&
    attempt.cachedTokens === entry.cachedTokens &&
    attempt.reasoningTokens === entry.reasoningTokens &&
    picoUsd(attempt.costUsd) === picoUsd(entry.costUsd);
  if (isEqual) {
    account.equal += 1;
    return;
  }
  const isUnseen = attempt.promptTokens === 0 && attempt.completionTokens === 0;
  if (isUnseen && attempt.costUsd === 0 && (untold.has(entry.fault) || entry.aborted)) {
    account.unknowable.attempts += 1;
    account.unknowable.tokens += entry.promptTokens + entry.completionTokens;
    account.unknowable.costUsd += entry.costUsd;
    return;
  }
  report(
    "usage",
    `${usageOf(attempt)} recorded${attempt.costIsEstimate ? " (estimated)" : ""}, ${usageOf(entry)} booked; ${entry.route}, ${entry.stream ? "streamed" : "plain"}${attempt.error ? `, ${attempt.error.kind}` : ""}`,
  );
}

/** The ledger's line of a run is the sum of its records, and those are the sums of their attempts. */
function auditLedger(
  runId: string,
  records: readonly CallRecord[],
  orchestras: readonly Orchestra[],
  report: Report,
): void {
  const attempts = records.flatMap((record) => record.attempts);
  const lines = orchestras.map(({ ledger }) => ledger.run(runId));
  const sums = {
    calls: [lines, records.length],
    attempts: [lines, attempts.length],
    promptTokens: [lines, total(attempts, "promptTokens")],
    completionTokens: [lines, total(attempts, "completionTokens")],
  } as const;
  for (const [field, [line, expected]] of Object.entries(sums)) {
    const found = total(line, field as keyof typeof sums);
    if (found !== expected) report("ledger", `${field}: ${found}, not ${expected}`);
  }
  const [found, expected] = [total(lines, "costUsd"), total(attempts, "costUsd")];
  if (picoUsd(found) !== picoUsd(expected)) report("ledger", `costUsd: ${found}, not ${expected}`);
}

function total<Field extends string>(
  rows: readonly { readonly [Key in Field]: number }[],
  field: Field,
): number {
  return rows.reduce((sum, row) => sum + row[field], 0);
}

/** The unit of the books: prices are finer than a cent, and sums in binary drift below this. */
function picoUsd(usd: number): number {
  return Math.round(usd * 1e12);
}

function usageOf(usage: {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}): string {
  return `${usage.promptTokens}+${usage.completionTokens} tokens, $${usage.costUsd}`;
}
