import { once } from "../api/once.ts";
import type { Check, Problem, Result } from "./check.ts";
import type { DoctorContext } from "./context.ts";
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

/** How long checks may take that wait for servers, in milliseconds; asked when they start. */
export type TimeLeft = () => number;

/**
 * Runs checks side by side. What a check throws is a finding, and so is a check of the network that has
 * no result in time. Checks of this machine have no limit: they wait for nothing but files.
 */
export async function runChecks(
  checks: readonly Check[],
  context: DoctorContext,
  timeLeft: TimeLeft,
): Promise<readonly Finding[]> {
  // Their time begins when it is known whom they ask.
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
    // The same of several places, such as two entries of a list, is said once.
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
