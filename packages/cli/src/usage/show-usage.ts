import { escapeControls, readTier, type UnknownAttempts } from "@orchestra/core/gateway";
import type { Runtime, UsageKey } from "@orchestra/runtime";
import { ApiClient, type Reply } from "../api/api-client.ts";
import { prepareRuns, type PreparedRuns } from "../runs/open-runs.ts";
import type { Output, CommandContext } from "../command-context.ts";
import { formatCost, formatCount, formatTokens, formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap, wrapIndented } from "../terminal/wrap.ts";

export interface UsageOptions {
  readonly by: UsageKey;
  readonly days: number;
  readonly json?: boolean | undefined;
  readonly config?: string | undefined;
}

/** The sums of one group of runs or calls. */
interface UsageLine extends UnknownAttempts {
  /** Number of runs; absent if calls are grouped. */
  readonly runs?: number | undefined;
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
}

/** What `GET /key` returns about the usage of a key. Fields that the server leaves out are absent. */
interface KeyUsage {
  readonly usageUsd?: number;
  readonly todayUsd?: number;
  readonly monthUsd?: number;
  readonly leftUsd?: number;
  readonly freeRequestsLeftToday?: number;
}

/** Prints the usage of the runs or calls in the database by group, and that of the OpenRouter key. */
export async function showUsage(options: UsageOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const { by, days, config } = options;
  const prepared = await prepareRuns({ config }, context);
  await using opened = await prepared.openExisting();
  const since = new Date(Date.now() - days * 86_400_000);
  const [lines, key] = await Promise.all([
    opened ? sumUp(opened.runtime, by, since) : new Map<string, UsageLine>(),
    readKeyUsage(prepared, context),
  ]);
  const isOfRuns = by === "pipeline" || by === "status";
  const total = [...lines.values()].reduce(plus, isOfRuns ? { ...none, runs: 0 } : none);
  if (options.json) {
    const usage = { by, days, total, lines: Object.fromEntries(lines), ...(key ? { key } : {}) };
    stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
    return;
  }
  for (const [name, line] of lines) printLine(name, line, stdout);
  printLine(`all ${isOfRuns ? "runs" : "calls"} of ${formatCount(days, "day")}`, total, stdout);
  if (key) printKey(key, stdout);
  else if (prepared.settings.openRouterApiKey !== undefined) {
    stderr.write("The server returned nothing about the key's usage.\n");
  }
}

const none: UsageLine = {
  calls: 0,
  promptTokens: 0,
  completionTokens: 0,
  costUsd: 0,
  unknownUsageAttempts: 0,
  unknownCostAttempts: 0,
};

/** The groups by their names, in the runtime's order. */
async function sumUp(runtime: Runtime, by: UsageOptions["by"], since: Date) {
  const lines = await runtime.usage({ by, since });
  return new Map<string, UsageLine>(
    lines.map(({ name, runs, calls, promptTokens, completionTokens, costUsd, ...unknown }) => [
      name,
      {
        runs,
        calls,
        promptTokens,
        completionTokens,
        costUsd,
        unknownUsageAttempts: unknown.unknownUsageAttempts,
        unknownCostAttempts: unknown.unknownCostAttempts,
      },
    ]),
  );
}

function plus(a: UsageLine, b: UsageLine): UsageLine {
  return {
    ...(a.runs === undefined ? {} : { runs: a.runs + (b.runs ?? 0) }),
    calls: a.calls + b.calls,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    costUsd: a.costUsd + b.costUsd,
    unknownUsageAttempts: a.unknownUsageAttempts + b.unknownUsageAttempts,
    unknownCostAttempts: a.unknownCostAttempts + b.unknownCostAttempts,
  };
}

function printLine(name: string, line: UsageLine, stdout: Output): void {
  const { runs, calls } = line;
  const ofRuns = runs === undefined ? [] : [formatCount(runs, "run")];
  const parts = [...ofRuns, formatCount(calls, "call"), formatTokens(line)];
  const width = widthOf(stdout);
  stdout.write(`${wrap(`${escapeControls(name)}: ${formatCost(line)}`, width, "  ")}\n`);
  stdout.write(`${wrapIndented(parts.join(", "), width)}\n`);
}

const timeoutMs = 5000;

/** @returns `undefined` without a key, and if the server does not return its usage */
async function readKeyUsage(
  prepared: PreparedRuns,
  { signal }: CommandContext,
): Promise<KeyUsage | undefined> {
  if (prepared.settings.openRouterApiKey === undefined) return undefined;
  return toKeyUsage(await ApiClient.of(prepared, timeoutMs, signal)?.key());
}

function toKeyUsage(reply: Reply | undefined): KeyUsage | undefined {
  if (!reply || reply.failure || reply.status >= 300) return undefined;
  const { data } = (reply.body ?? {}) as { readonly data?: Readonly<Record<string, unknown>> };
  if (!data) return undefined;
  return {
    ...amount("usageUsd", data["usage"]),
    ...amount("todayUsd", data["usage_daily"]),
    ...amount("monthUsd", data["usage_monthly"]),
    ...amount("leftUsd", data["limit_remaining"]),
    ...amount("freeRequestsLeftToday", readTier(reply.body)?.day?.remaining),
  };
}

function amount(name: keyof KeyUsage, value: unknown): Partial<KeyUsage> {
  return typeof value === "number" && Number.isFinite(value) ? { [name]: value } : {};
}

function printKey(key: KeyUsage, stdout: Output): void {
  const { usageUsd, todayUsd, monthUsd, leftUsd, freeRequestsLeftToday } = key;
  const parts = [
    ...(todayUsd === undefined ? [] : [`${formatUsd(todayUsd)} today`]),
    ...(monthUsd === undefined ? [] : [`${formatUsd(monthUsd)} this month`]),
    ...(leftUsd === undefined ? [] : [`${formatUsd(leftUsd)} left`]),
    ...(freeRequestsLeftToday === undefined
      ? []
      : [`${formatCount(freeRequestsLeftToday, "free request")} left today`]),
  ];
  stdout.write(`the key: ${usageUsd === undefined ? "unknown" : formatUsd(usageUsd)}\n`);
  if (parts.length > 0) stdout.write(`${wrapIndented(parts.join(", "), widthOf(stdout))}\n`);
}
