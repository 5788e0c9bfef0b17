import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { expect } from "vitest";
import { InterruptedError } from "../interruption.ts";
import type { LiveResult } from "../live/live-result.ts";
import { runHere, type RunHereOptions } from "./run-here.ts";

export interface LiveReport {
  readonly spentUsd: number;
  readonly results: readonly LiveResult[];
}

/** `orchestra doctor --live`, in this process. */
export function live(environment: NodeJS.ProcessEnv, ...args: readonly string[]) {
  return runHere(["doctor", "--live", ...args], optionsFor(environment));
}

/** The same, stopped by Ctrl-C as soon as `isUnderWay` holds. */
export async function interruptLive(environment: NodeJS.ProcessEnv, isUnderWay: () => boolean) {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = runHere(["doctor", "--live"], { ...optionsFor(environment), signal });
  await expect.poll(isUnderWay).toBe(true);
  controller.abort(new InterruptedError("SIGINT"));
  return ended;
}

function optionsFor(environment: NodeJS.ProcessEnv): RunHereOptions {
  return {
    folder: import.meta.dirname,
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", ...environment },
  };
}

/** The checks on a sandbox, as another server than the one that they compare with. */
export async function liveOn(options: SandboxOptions, ...args: readonly string[]) {
  await using sandbox = await startSandbox(options);
  const ended = await live({ OPENROUTER_BASE_URL: sandbox.url }, "--json", ...args);
  return { ...ended, totals: sandbox.books.totals() };
}

/** Results on a model that answers in a dialect that tell no difference, or one that is none. */
export async function contradictionsOf(model: string): Promise<LiveResult[]> {
  const { code, stdout } = await liveOn({}, "--live-model", model);
  const { results } = JSON.parse(stdout) as LiveReport;
  const failed = results.filter(({ outcome }) => outcome === "failed");
  if (code !== (failed.length > 0 ? 1 : 0)) throw new Error(`It exited with ${code}`);
  return results.filter(
    ({ outcome, differences }) => (outcome === "same") !== (differences.length === 0),
  );
}
