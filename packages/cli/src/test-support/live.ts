import { startSandbox, type SandboxOptions } from "@orchestra/sandbox";
import { expect } from "vitest";
import { InterruptedError } from "../interruption.ts";
import type { LiveResult } from "../live/live-result.ts";
import { runHere, type RunHereOptions } from "./run-here.ts";

export interface LiveReport {
  readonly spentUsd: number;
  readonly results: readonly LiveResult[];
}

/** Runs `orchestra doctor --live` in this process. */
export function live(environment: NodeJS.ProcessEnv, ...args: readonly string[]) {
  return runHere(["doctor", "--live", ...args], optionsFor(environment));
}

/** The same, interrupted as by Ctrl-C as soon as `isUnderWay()` returns true. */
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

/** The same, with a sandbox as the real server. It is compared with another sandbox. */
export async function liveOn(options: SandboxOptions, ...args: readonly string[]) {
  await using sandbox = await startSandbox(options);
  const ended = await live({ OPENROUTER_BASE_URL: sandbox.url }, "--json", ...args);
  return { ...ended, totals: sandbox.books.totals() };
}

/** Results whose outcome contradicts their list: `same` with differences, or another outcome without one. */
export async function contradictionsOf(model: string): Promise<LiveResult[]> {
  const { code, stdout } = await liveOn({}, "--live-model", model);
  const { results } = JSON.parse(stdout) as LiveReport;
  const failed = results.filter(({ outcome }) => outcome === "failed");
  if (code !== (failed.length > 0 ? 1 : 0)) throw new Error(`It exited with ${code}`);
  return results.filter(
    ({ outcome, differences }) => (outcome === "same") !== (differences.length === 0),
  );
}
