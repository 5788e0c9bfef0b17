import type { Check, Problem, Result } from "./check.ts";
import type { DoctorContext } from "./context.ts";
import type { Finding } from "./finding.ts";

/** What any check can come to, whatever it looks at. */
export const generalProblems = {
  timeout: {
    severity: "warning",
    remedy: "Look at the other findings first: what the check needs does not answer.",
  },
  failed: {
    severity: "error",
    remedy: "This is a bug of the doctor: report it with the output of orchestra doctor --report.",
  },
} as const satisfies Readonly<Record<string, Problem>>;

/**
 * Runs checks side by side. What a check throws is a finding, and so is a check that has no result when
 * the signal aborts.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
): Promise<readonly Finding[]> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  context.signal.addEventListener("abort", () => resolve(), { once: true });
  if (context.signal.aborted) resolve();
  const found = checks.map((check) =>
    Promise.race([runCheck(check, context), late.then(() => timedOut(check))]),
  );
  return (await Promise.all(found)).flat();
}

async function runCheck(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  if (context.isOffline && check.needsNetwork) {
    return [{ check: check.id, severity: "skipped", message: "--lint asks no server." }];
  }
  try {
    return (await check.run(context)).map((result) => toFinding(check, result));
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return [generalFinding(check, "failed", message)];
  }
}

function toFinding({ id: check, problems }: Check, result: Result): Finding {
  if (!("problem" in result)) return { check, ...result };
  const { problem } = result;
  const { severity, remedy } = problems[problem] as Problem;
  return { check, severity, remedy, ...result };
}

function timedOut(check: Check): readonly Finding[] {
  return [generalFinding(check, "timeout", `${check.title}: there was no result in time.`)];
}

function generalFinding(
  { id: check }: Check,
  problem: keyof typeof generalProblems,
  message: string,
): Finding {
  return { check, problem, message, ...generalProblems[problem] };
}
