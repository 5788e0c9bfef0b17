import {
  createRedactor,
  escapeControls,
  findModel,
  readCatalog,
  SettingsError,
  type Settings,
} from "@orchestra/core/gateway";
import type { Sandbox } from "@orchestra/sandbox";
import { createDoctorContext } from "../doctor/doctor-context.ts";
import { FailedError } from "../errors/failed-error.ts";
import type { CommandContext } from "../command-context.ts";
import { formatUsd } from "../terminal/amounts.ts";
import { writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import { compare } from "./compare.ts";
import { budgetUsd, maxFallbackCost, loadCatalog, requireMaxCost } from "./cost.ts";
import { printResult, type LiveResult } from "./live-result.ts";
import { tryFallback } from "./portkey-fallback.ts";
import { probes, type Probe } from "./probes.ts";
import type { Observation, Target } from "./target.ts";

export interface LiveOptions {
  /** Model that answers. @defaultValue `openai/gpt-4o-mini` */
  readonly model?: string | undefined;
  readonly json?: boolean | undefined;
}

const defaultModel = "openai/gpt-4o-mini";

/**
 * Sends about fifteen real requests, compares the forms of the answers with those of the sandbox, and
 * prints every difference.
 *
 * @throws {SettingsError} for invalid settings
 * @throws {UsageError} for a model whose price is not known, or too high for the budget
 * @throws {Error} if the server does not answer the request for its models
 * @throws {FailedError} if a request failed
 * @throws the signal's reason, as soon as it aborts
 */
export async function runLive(options: LiveOptions, context: CommandContext): Promise<void> {
  const { model = defaultModel } = options;
  const { signal, stdout, stderr } = context;
  const doctorContext = createDoctorContext(context, { isOffline: false, timeMs: 15_000 });
  const { settings, problems } = await doctorContext.settings();
  if (problems.length > 0) throw new SettingsError(problems);
  const catalog = await loadCatalog(settings, signal);
  const maxCostUsd = requireMaxCost(catalog, model);
  writeProse(stderr, announce(settings, model, maxCostUsd));

  await using sandbox = await startSandbox();
  const real: Target = { baseUrl: settings.baseUrl, headers: headersOf(settings), model };
  const expected: Target = {
    baseUrl: sandbox.url,
    headers: { authorization: "Bearer sk-or-v1-sandbox" },
    model: await modelOnSandbox(sandbox, model, signal),
  };
  const results: LiveResult[] = [];
  let spentUsd = 0;
  let last: readonly [Observation, Observation] | undefined;
  const redact = createRedactor(settings);
  const add = (found: LiveResult) => {
    // A server may repeat the key in its error.
    const result = { ...found, differences: found.differences.map(redact) };
    results.push(result);
    spentUsd += result.costUsd;
    if (!options.json) printResult(result, context);
  };
  try {
    for (const probe of probes) {
      signal.throwIfAborted();
      if (probe.isPaid && spentUsd + maxCostUsd > budgetUsd) {
        add({ ...empty(probe), outcome: "skipped", differences: ["The budget is used up."] });
        continue;
      }
      const { result, observed } = await compare(probe, real, expected, last, maxCostUsd, signal);
      if (probe.isPaid && observed && observed[0].status < 300) last = observed;
      add(result);
    }
    const leftUsd = budgetUsd - spentUsd;
    const maxFallbackUsd = maxFallbackCost(catalog, settings);
    add(await tryFallback({ settings, sandbox, leftUsd, maxCostUsd: maxFallbackUsd, signal }));
  } catch (error) {
    if (signal.aborted) stderr.write(`${formatUsd(spentUsd)} spent on the answers so far.\n`);
    throw error;
  }
  if (options.json) {
    const report = { version: 1, model, budgetUsd, spentUsd, results };
    stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  }
  stderr.write(`${formatUsd(spentUsd)} spent.\n`);
  if (results.some(({ outcome }) => outcome === "failed")) throw new FailedError();
}

function announce({ baseUrl }: Settings, model: string, maxCostUsd: number): string {
  const paid = probes.filter(({ isPaid }) => isPaid).length;
  const maxTotalUsd = Math.min(budgetUsd, paid * maxCostUsd);
  return escapeControls(
    `${probes.length + 1} requests to ${baseUrl}, ${paid} of them answered by ${model}: at most ${formatUsd(maxTotalUsd)}, and never more than ${formatUsd(budgetUsd)}.`,
  );
}

/**
 * Imports the sandbox, which is not a dependency of this package.
 *
 * @throws {UsageError} if it is not installed
 */
async function startSandbox(): Promise<Sandbox> {
  try {
    const sandbox = await import("@orchestra/sandbox");
    return await sandbox.startSandbox();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(
      "--live needs the sandbox: run npm install --save-dev @orchestra/sandbox.",
    );
  }
}

async function modelOnSandbox({ url }: Sandbox, id: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(`${url}/models`, { signal });
  const catalog = readCatalog(await answer.json());
  return findModel(catalog, id) ? id : "sandbox/extractive";
}

function headersOf({ openRouterApiKey, headers }: Settings): Readonly<Record<string, string>> {
  return {
    ...headers,
    ...(openRouterApiKey ? { authorization: `Bearer ${openRouterApiKey}` } : {}),
  };
}

function empty({ id, title }: Probe): Omit<LiveResult, "outcome"> {
  return { id, title, differences: [], costUsd: 0 };
}
