import { once } from "../api/once.ts";
import type { Check, Problem, Result } from "./check.ts";
import type { DoctorContext } from "./doctor-context.ts";
import type { Finding } from "./finding.ts";
import { NoResultError } from "./no-result-error.ts";
import { within } from "./running-time.ts";

/** Problems that any check can have. */
export const generalProblems = {
  timeout: {
    severity: "warning",
    remedy: "See the other findings first: a server that the check needs does not answer.",
  },
  failed: {
    severity: "error",
    remedy: "This is a bug of the doctor: report it with the output of orchestra doctor --report.",
  },
} as const satisfies Readonly<Record<string, Problem>>;

/** Returns the milliseconds that checks with `needsNetwork` may still take. Called once, when they start. */
export type TimeLeft = () => number;

/**
 * Runs all checks concurrently. If a check throws, or a check with `needsNetwork` has no result in time, that is a
 * finding too. Other checks have no time limit: they only read files.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  timeLeft: TimeLeft,
): Promise<readonly Finding[]> {
  // The time starts when the settings are loaded, because they contain the URLs of the servers.
  const start = once(async () => {
    await context.settings();
    return timeLeft();
  });
  const found = checks.map(async (check) => {
    const work = runCheck(check, context);
    if (!check.needsNetwork || context.isOffline) return work;
    const findings = await within(await start(), work);
    return findings === "late" ? timedOut(check) : findings;
  });
  return (await Promise.all(found)).flat();
}

async function runCheck(check: Check, context: DoctorContext): Promise<readonly Finding[]> {
  if (context.isOffline && check.needsNetwork) {
    return [{ check: check.id, severity: "skipped", message: "--lint sends no requests." }];
  }
  try {
    const results = await check.run(context);
    // Results with the same message, such as those of two equal entries of a list, become one finding.
    const different = new Map(results.map((result) => [result.message, result]));
    return Array.from(different.values(), (result) => toFinding(check, result));
  } catch (error) {
    if (error instanceof NoResultError) return timedOut(check);
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
