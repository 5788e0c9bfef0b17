import type { ChaosResult } from "./run.ts";

/** Whether the run passed: no pipeline was wrong or hung, all records agree, and nothing was leaked. */
export function isWell({ outcomes, account, leaks }: ChaosResult): boolean {
  return outcomes.wrong + outcomes.hung === 0 && account.mismatches.length + leaks.length === 0;
}

/** The result as JSON, for programs. */
export function summary(result: ChaosResult) {
  const { outcomes, account, leaks, before, after } = result;
  const { mismatches, ...figures } = account;
  return {
    seed: result.seed,
    pipelines: result.pipelines,
    right: outcomes.right,
    typedErrors: outcomes["typed-error"],
    partial: outcomes.partial,
    aborted: outcomes.aborted,
    wrong: outcomes.wrong,
    hung: outcomes.hung,
    ledgerMismatches: mismatches.length,
    leaks: leaks.length,
    durationMs: result.durationMs,
    errorCodes: result.errorCodes,
    account: figures,
    holdings: { before, after },
    byKind: result.byKind,
    byFault: result.byFault,
    details: { bad: result.bad, mismatches: mismatches.slice(0, 50), leaks },
  };
}

/** The result as text, for people. */
export function report(result: ChaosResult): string {
  const { outcomes, account, leaks, bad, before, after } = result;
  const { unknowable, mismatches } = account;
  const faults = Object.entries(result.byFault).toSorted(([a], [b]) => a.localeCompare(b));
  const kinds = Object.entries(result.byKind).toSorted(([a], [b]) => a.localeCompare(b));
  const codes = Object.entries(result.errorCodes).toSorted(([, a], [, b]) => b - a);
  return [
    table(
      ["fault", "requests", "call succeeded", "typed error", "aborted"],
      faults.map(([name, line]) => [
        name,
        line.requests,
        line.succeeded,
        line.failed,
        line.aborted,
      ]),
    ),
    table(
      ["pipeline", "right", "typed error", "partial", "aborted", "wrong", "hung"],
      kinds.map(([name, line]) => [
        name,
        line.right,
        line["typed-error"],
        line.partial,
        line.aborted,
        line.wrong,
        line.hung,
      ]),
    ),
    `typed errors: ${codes.map(([code, count]) => `${code} ${count}`).join(", ")}`,
    [
      `requests     ${account.requests} sent, ${account.booked} recorded by the servers, ${account.refused} refused, ${account.unsent} cancelled before a server read them`,
      `usage        ${account.equal} attempts equal to the servers' records, ${account.reconciled} of them after a later request for their cost`,
      ...Object.entries(unknowable).map(
        ([why, { attempts, tokens, costUsd }]) =>
          `unknown      ${attempts} attempts (${why}): ${tokens} tokens, $${costUsd.toFixed(6)}`,
      ),
      `open         sockets ${before.sockets} -> ${after.sockets}, timers ${before.timers} -> ${after.timers}, heap ${kib(before.heapBytes)} -> ${kib(after.heapBytes)}`,
    ].join("\n"),
    ...bad.slice(0, 20).map(describeBad),
    ...mismatches
      .slice(0, 20)
      .map(({ what, runId, fault, detail }) => `MISMATCH ${what} ${runId} ${fault}: ${detail}`),
    ...leaks.slice(0, 20).map(({ what, detail }) => `LEAK ${what}: ${detail}`),
    `${result.pipelines} pipelines, seed ${result.seed}, ${(result.durationMs / 1000).toFixed(1)} s: ${outcomes.right} right, ${outcomes["typed-error"]} typed errors, ${outcomes.partial} partial, ${outcomes.aborted} aborted, ${outcomes.wrong} wrong, ${outcomes.hung} hung, ${mismatches.length} ledger mismatches, ${leaks.length} leaks`,
  ].join("\n\n");
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}

function describeBad({ pipeline, kind, why, faults }: ChaosResult["bad"][number]): string {
  return `WRONG ${kind} ${pipeline} (${faults.join(", ")}): ${why}`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  const write = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return lines.map(write).join("\n");
}
