import { addAbortListener } from "node:events";
import { createRedactor, escapeControls, inspectSettings } from "@orchestra/core/gateway";
import packageJson from "../../package.json" with { type: "json" };
import { FailedError } from "../errors/failed-error.ts";
import type { CommandContext } from "../command-context.ts";
import { applyFixes } from "./apply-fixes.ts";
import type { Check } from "./check.ts";
import { checks as allChecks } from "./checks.ts";
import { createDoctorContext } from "./doctor-context.ts";
import { toMarkdown } from "./markdown.ts";
import { printReport } from "./print.ts";
import { createReport, type Report } from "./report.ts";
import { runChecks } from "./run-checks.ts";
import { selectChecks } from "./select-checks.ts";

export interface DoctorOptions {
  /** Ids of checks, or of groups. @defaultValue all */
  readonly only?: readonly string[] | undefined;
  /** List skipped checks too. */
  readonly all?: boolean | undefined;
  readonly json?: boolean | undefined;
  /** Print Markdown for an issue, without values of settings. */
  readonly report?: boolean | undefined;
  /** Send no requests, and fail on warnings too. */
  readonly lint?: boolean | undefined;
  readonly fix?: boolean | undefined;
}

/** From the start of the process until the checks end. With the rest of the process, it is less than five seconds. */
const maxMs = 4500;
/** The checks get at least this much, also on a machine that takes seconds to start a process. */
const minChecksMs = 2500;

/**
 * Checks the installation, the settings and the servers, and prints the findings.
 *
 * @throws {FailedError} if a finding is an error; with `lint`, also for a warning
 * @throws {UsageError} for unknown ids
 */
export async function runDoctor(
  options: DoctorOptions,
  context: CommandContext,
  checks: readonly Check[] = allChecks,
): Promise<void> {
  const selected = selectChecks(checks, options.only);
  const report = await examine(selected, options, context);
  const { stdout, environment } = context;
  if (options.json) stdout.write(`${escapeControls(JSON.stringify(report, null, 2), "\n")}\n`);
  else if (options.report) stdout.write(toMarkdown(report));
  else {
    const isWhole = options.all === true || options.only !== undefined;
    printReport(report, stdout, { environment, isWhole });
  }
  const { error, warning } = report.summary;
  if (error > 0 || (options.lint && warning > 0)) throw new FailedError();
}

async function examine(
  checks: readonly Check[],
  { lint = false, fix = false }: DoctorOptions,
  context: CommandContext,
): Promise<Report> {
  const { startedAt = performance.now(), signal } = context;
  const timeLeft = () => Math.max(minChecksMs, Math.round(startedAt + maxMs - performance.now()));
  const doctorContext = createDoctorContext(context, { isOffline: lint, timeMs: timeLeft() });
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  using _ = addAbortListener(signal, () => reject(signal.reason as Error));
  const findings = await Promise.race([runChecks(checks, doctorContext, timeLeft), aborted]);
  const redact = createRedactor(inspectSettings({}, {}).settings);
  return createReport(fix ? await applyFixes(findings) : findings, packageJson.version, redact);
}
