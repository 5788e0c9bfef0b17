import type { AttemptRecord, CallRecord, Orchestra, Usage } from "@orchestra/core";
import { dialectModel, DIALECTS, type BookEntry } from "@orchestra/sandbox";
import { labelOf } from "./faults.ts";
import type { Slot, Trace, WireRequest } from "./wire.ts";

/** The comparison of the ledger with the records of the servers. */
export interface Account {
  /** Requests that were sent, by the count of the test's `fetch`. */
  requests: number;
  /** Requests that the servers have recorded. */
  booked: number;
  /** Requests whose connection was refused. No server has recorded them. */
  refused: number;
  /** Requests that the client cancelled before a server read them. */
  unsent: number;
  /** Attempts whose tokens and cost equal those of the server. */
  equal: number;
  /** The number of them whose cost was requested later, by `GET /generation`. */
  reconciled: number;
  readonly unknowable: { readonly [Why in WhyUnknowable]: Unknowable };
  readonly mismatches: Mismatch[];
}

/**
 * Why a client cannot know what the server charged.
 *
 * - `gateway`: cut off behind a gateway, which has no `GET /generation`.
 * - `nameless`: ended before the headers of the answer arrived, which have the generation id.
 * - `dialect`: the server does not report usage, or cannot be asked for that of a cut answer.
 */
export type WhyUnknowable = "gateway" | "nameless" | "dialect";

export interface Unknowable {
  attempts: number;
  tokens: number;
  costUsd: number;
}

export interface Mismatch {
  readonly what: string;
  readonly runId: string;
  /** The fault of the request, or why it is not known. */
  readonly fault: string;
  readonly detail: string;
}

function none(): Unknowable {
  return { attempts: 0, tokens: 0, costUsd: 0 };
}

export function createAccount(): Account {
  return {
    requests: 0,
    booked: 0,
    refused: 0,
    unsent: 0,
    equal: 0,
    reconciled: 0,
    unknowable: { gateway: none(), nameless: none(), dialect: none() },
    mismatches: [],
  };
}

/** Faults that end an answer before its usage. */
const withoutUsage = new Set<string | undefined>([
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

const dialects = new Map(DIALECTS.map((dialect) => [dialectModel(dialect), dialect]));

/** Compares the records of the orchestras with the requests that were sent and with the records of the servers. */
export function audit(
  account: Account,
  traces: readonly Trace[],
  entries: readonly BookEntry[],
  orchestras: readonly Orchestra[],
): void {
  const byRequest = new Map(entries.map((entry) => [entry.headers["x-session-id"], entry]));
  account.booked += entries.length;
  let known = 0;
  for (const trace of traces) {
    known += auditAttempts(account, trace, byRequest);
    auditLedger(account, trace, orchestras);
  }
  if (known === entries.length) return;
  const detail = `${entries.length} in the books, ${known} of them known to the wire`;
  account.mismatches.push({ what: "requests", runId: "all", fault: "any", detail });
}

type Report = (what: string, detail: string) => void;

/** All data about one attempt: its event, request, record and the entry of the server. */
interface Exhibit {
  readonly slot: Slot;
  readonly request: WireRequest | undefined;
  readonly attempt: AttemptRecord;
  /** The usage in the ledger: that of the record, or what became known later. */
  readonly usage: Usage;
  readonly isReconciled: boolean;
  readonly entry: BookEntry | undefined;
  readonly report: Report;
}

/** @returns the number of server entries whose requests the test has sent */
function auditAttempts(
  account: Account,
  { runId, slots, records, found, strays }: Trace,
  byRequest: ReadonlyMap<string | undefined, BookEntry>,
): number {
  const reportOn =
    (entry?: BookEntry): Report =>
    (what, detail) => {
      const fault = entry ? (labelOf(entry) ?? "no fault") : "not in the books";
      account.mismatches.push({ what, runId, fault, detail });
    };
  const attempts = new Map(
    records.flatMap(({ id, attempts: made }) => made.map((one) => [`${id}/${one.number}`, one])),
  );
  let known = 0;
  if (strays.length > 0) reportOn()("requests", `${strays.length} outside of any attempt`);
  for (const slot of slots) {
    const key = `${slot.callId}/${slot.attempt}`;
    const attempt = attempts.get(key);
    attempts.delete(key);
    const [request] = slot.requests;
    const made = slot.requests.flatMap(({ id }) => byRequest.get(id) ?? []);
    const entry = byRequest.get(request?.id);
    const report = reportOn(entry);
    account.requests += slot.requests.length;
    known += slot.isRepeated ? made.length : Number(entry !== undefined);
    if (!attempt) {
      report("attempts", `${key} is in no record`);
      continue;
    }
    const isReconciled = found.has(key);
    const usage = found.get(key) ?? attempt;
    if (slot.isRepeated) {
      auditRepeated(account, slot, { attempt, usage, made, report });
      continue;
    }
    auditAttempt(account, { slot, request, attempt, usage, isReconciled, entry, report });
  }
  for (const key of attempts.keys()) reportOn()("attempts", `${key} had no event`);
  return known;
}

interface Repeated extends Pick<Exhibit, "attempt" | "usage" | "report"> {
  /** The entries of the servers for the requests of the attempt. */
  readonly made: readonly BookEntry[];
}

/** The cost of an attempt is that of its requests; if one of them does not report it, at least that of the others. */
function auditRepeated(account: Account, { requests }: Slot, exhibit: Repeated): void {
  const { attempt, usage, made, report } = exhibit;
  account.refused += requests.filter(({ isRefused }) => isRefused).length;
  account.unsent += requests.filter(({ isRefused }) => !isRefused).length - made.length;
  const kind = attempt.error?.kind;
  const isGivenUp = kind === "aborted" || kind === "timeout_error";
  const withUsage = made.filter(
    ({ fault, route }) => route !== "gateway" || !withoutUsage.has(fault),
  );
  const [max, min] = [made, isGivenUp ? [] : withUsage].map((entries) => sum(entries, "costUsd"));
  const costs = picoUsd(usage.costUsd);
  if (costs >= picoUsd(min ?? 0) && costs <= picoUsd(max ?? 0)) account.equal += 1;
  else
    report(
      "usage",
      `$${usage.costUsd} recorded, $${min} to $${max} booked for ${requests.length} requests`,
    );
}

function auditAttempt(account: Account, exhibit: Exhibit): void {
  const { slot, request, attempt, entry, usage, report } = exhibit;
  const { requests } = slot;
  if (requests.length > 1) report("requests", `${requests.length} in one attempt`);
  if (attempt.status !== request?.status) {
    const kind = attempt.error?.kind ?? "succeeded";
    report("status", `${attempt.status} recorded (${kind}), ${request?.status} came`);
  }
  if (entry) {
    compareIdentity(exhibit, entry);
    compareUsage(account, exhibit, entry);
    return;
  }
  const kind = attempt.error?.kind;
  const isGivenUp = kind === "aborted" || kind === "timeout_error";
  if (request?.isRefused) {
    account.refused += 1;
    if (kind !== "connection_error" && !isGivenUp) report("refused", `recorded as ${kind}`);
  } else if (isGivenUp) account.unsent += 1;
  else report("requests", `one that no server has booked (${kind})`);
  if (usage.promptTokens > 0 || usage.costUsd > 0) report("usage", "out of nowhere");
}

function compareIdentity({ request, attempt, report }: Exhibit, entry: BookEntry): void {
  if (request?.status !== undefined && request.status !== entry.status) {
    report("status", `${request.status} came, ${entry.status} booked`);
  }
  if (attempt.model !== entry.modelAsked) {
    report("model", `${attempt.model} recorded, ${entry.modelAsked} booked`);
  }
  // In other dialects, the ids of answers differ from those that the sandbox records.
  if (dialects.has(entry.modelAsked)) return;
  const isNamed = attempt.generationId !== undefined;
  if (isNamed ? attempt.generationId !== entry.id : request?.status === 200) {
    report("generation", `${attempt.generationId} recorded, ${entry.id} booked`);
  }
}

function compareUsage(account: Account, exhibit: Exhibit, entry: BookEntry): void {
  const { attempt, usage, isReconciled, report } = exhibit;
  const isEqual =
    usage.promptTokens === entry.promptTokens &&
    usage.completionTokens === entry.completionTokens &&
    usage.cachedTokens === entry.cachedTokens &&
    usage.reasoningTokens === entry.reasoningTokens &&
    picoUsd(usage.costUsd) === picoUsd(entry.costUsd);
  if (isEqual) {
    account.equal += 1;
    if (isReconciled) account.reconciled += 1;
    return;
  }
  const why = whyUnknowable(exhibit, entry);
  if (why) {
    const sum = account.unknowable[why];
    sum.attempts += 1;
    sum.tokens += entry.promptTokens + entry.completionTokens;
    sum.costUsd += entry.costUsd;
    return;
  }
  const how = [
    entry.route,
    entry.stream ? "streamed" : "plain",
    attempt.error?.kind ?? "succeeded",
  ];
  if (attempt.costIsEstimate) how.push("estimated");
  if (isReconciled) how.push("reconciled");
  report("usage", `${words(usage)} recorded, ${words(entry)} booked (${how.join(", ")})`);
}

function whyUnknowable(
  { attempt, usage, isReconciled }: Exhibit,
  entry: BookEntry,
): WhyUnknowable | undefined {
  if (isReconciled || usage.promptTokens + usage.completionTokens + usage.costUsd > 0) {
    return undefined;
  }
  const { error, generationId } = attempt;
  const dialect = dialects.get(entry.modelAsked);
  if (dialect?.reportsUsage === false) return "dialect";
  const isGivenUp = error?.kind === "aborted" || error?.kind === "timeout_error";
  if (!withoutUsage.has(entry.fault) && !isGivenUp) return undefined;
  if (dialect?.format === "openai") return "dialect";
  if (generationId === undefined) return "nameless";
  return entry.route === "gateway" ? "gateway" : undefined;
}

/** The sums of a run in the ledger must equal the sums of its attempts, with costs that became known later. */
function auditLedger(
  account: Account,
  { runId, records, found, priced }: Trace,
  orchestras: readonly Orchestra[],
): void {
  const lines = orchestras.map(({ ledger }) => ledger.run(runId));
  const attempts = records.flatMap(({ id, attempts: made }: CallRecord) =>
    made.map((attempt) => ({ ...attempt, key: `${id}/${attempt.number}` })),
  );
  const parts: readonly Usage[] = attempts.map((attempt) => found.get(attempt.key) ?? attempt);
  const pairs = {
    calls: [sum(lines, "calls"), records.length],
    attempts: [sum(lines, "attempts"), attempts.length],
    promptTokens: [sum(lines, "promptTokens"), sum(parts, "promptTokens")],
    completionTokens: [sum(lines, "completionTokens"), sum(parts, "completionTokens")],
    picoUsd: [picoUsd(sum(lines, "costUsd")), picoUsd(sum(parts, "costUsd"))],
    unknownUsageAttempts: [
      sum(lines, "unknownUsageAttempts"),
      attempts.filter(({ key, usageIsUnknown }) => usageIsUnknown && !found.has(key)).length,
    ],
    unknownCostAttempts: [
      sum(lines, "unknownCostAttempts"),
      attempts.filter(({ key, costIsUnknown }) => costIsUnknown && !priced.has(key)).length,
    ],
  } as const;
  for (const [field, [ledger, expected]] of Object.entries(pairs)) {
    if (ledger === expected) continue;
    const detail = `${field}: ${ledger}, not ${expected}`;
    account.mismatches.push({ what: "ledger", runId, fault: "any", detail });
  }
}

function sum<Field extends string>(
  rows: readonly { readonly [Key in Field]: number }[],
  field: Field,
): number {
  return rows.reduce((total, row) => total + row[field], 0);
}

/** The unit of comparison: no price is smaller, and rounding errors of sums are below it. */
function picoUsd(usd: number): number {
  return Math.round(usd * 1e12);
}

function words({
  promptTokens,
  completionTokens,
  costUsd,
}: Pick<Usage, "promptTokens" | "completionTokens" | "costUsd">): string {
  return `${promptTokens}+${completionTokens} tokens $${costUsd}`;
}
