import { fileURLToPath } from "node:url";
import { escapeControls } from "@orchestra/core/gateway";
import { sentences } from "@orchestra/core/extend";
import type { Run, RunFailure } from "@orchestra/runtime";
import type { CommandLine } from "../command-line.ts";
import type { Output } from "../command-context.ts";
import { formatCost, formatCount, formatTokens } from "../terminal/amounts.ts";
import { plain } from "../terminal/plain.ts";
import { wrap } from "../terminal/wrap.ts";
import type { RunContext } from "./open-runs.ts";
import { placeOf } from "./place-of.ts";
import { describeRequests } from "./print-requests.ts";

/** Prints the output of a run: an answer as text with its sources, anything else as JSON. */
export function printOutput({ output }: Run, stdout: Output): void {
  if (output === undefined || output === null) return;
  const text = typeof output === "string" ? output : textOfMessage(output);
  if (text !== undefined) {
    stdout.write(`${plain(text)}\n`);
    return;
  }
  const { answer, citations } = output as {
    readonly answer?: unknown;
    readonly citations?: unknown;
  };
  if (typeof answer !== "string") {
    stdout.write(`${plain(JSON.stringify(output, null, 2))}\n`);
    return;
  }
  stdout.write(`${plain(answer)}\n`);
  const sources = Array.isArray(citations) ? citations.flatMap(sourceOf) : [];
  if (sources.length > 0) stdout.write(`\n${sources.join("\n")}\n`);
}

/** The text of a LangChain message in its JSON form; `undefined` for anything else. */
function textOfMessage(output: object): string | undefined {
  const { lc, kwargs } = output as { readonly lc?: unknown; readonly kwargs?: unknown };
  const { content } = (kwargs ?? {}) as { readonly content?: unknown };
  return lc === 1 && typeof content === "string" ? content : undefined;
}

function sourceOf(citation: unknown): string[] {
  const { number } = (citation ?? {}) as { readonly number?: unknown };
  const place = placeOf(citation);
  return place === undefined ? [] : [escapeControls(`[${String(number)}] ${place}`)];
}

export interface DescribeRunOptions extends Partial<RunContext> {
  readonly width: number;
}

/**
 * Describes the state of a run, its error, and what the user can do. Each command is on its own line, which is not
 * wrapped.
 */
export function describeRun(run: Run, { width, ...context }: DescribeRunOptions): string {
  const { id, error, usage } = run;
  const took = `${formatCount(usage.calls, "call")}, ${formatTokens(usage)}, ${formatCost(usage)}`;
  const state = `Run ${id} ${describeState(run, context)} (${took})${reasonOf(run)}`;
  const described = [state, ...(error ? [describeFailure(error)] : [])].map(sentences.withStop);
  const prose = (text: string) => wrap(escapeControls(text, "\n"), width);
  return [
    ...described.map(prose),
    ...describeRequests(run, width),
    ...describeAdvice(run, { width, ...context }),
  ].join("\n");
}

/** Lines with what the user can do with a run in this state; none if there is nothing to do. */
export function describeAdvice(
  run: Run,
  { width, ...context }: DescribeRunOptions,
): readonly string[] {
  const advice = adviceFor(run, context);
  if (!advice) return [];
  const commands = advice.commands.map((line) => `  ${escapeControls(line)}`);
  return [wrap(escapeControls(advice.text, "\n"), width), ...commands];
}

/** The message of a failure, and its step; for an error of the user's code, also the class and the line. */
function describeFailure({ name, message, step, stack }: RunFailure): string {
  const place = stack === undefined ? undefined : ownPlaceOf(stack);
  const text = place === undefined ? message : `${name}: ${message} (${place})`;
  return step === undefined ? text : `In the step ${step}: ${text}`;
}

/** The first line of a stack trace that is in the user's own files: path, line and column. */
function ownPlaceOf(stack: string): string | undefined {
  const places = stack.matchAll(/^ +at .*?(file:\/\/\S+|\(\/\S+):(\d+:\d+)\)?$/gm);
  for (const [, url = "", position = ""] of places) {
    if (url.includes("/node_modules/")) continue;
    return `${url.startsWith("(") ? url.slice(1) : fileURLToPath(url)}:${position}`;
  }
  return undefined;
}

function describeState(run: Run, { isStopped }: Partial<RunContext>): string {
  const { status, cancelReason } = run;
  if (isStopped) return "is stopped";
  switch (status) {
    case "waiting":
      return describeWait(run);
    case "queued":
    case "running":
      return cancelReason === undefined ? `is ${status}` : "is being cancelled";
    case "rejected":
    case "cancelled":
      return `has been ${status}`;
    default:
      return `has ${status}`;
  }
}

function reasonOf({ cancelReason }: Run): string {
  return cancelReason === undefined ? "" : `: ${cancelReason}`;
}

function describeWait({ waiting }: Run): string {
  if (waiting && "interrupts" in waiting) {
    const { length } = waiting.interrupts;
    return length === 1 ? "waits for a decision" : `waits for ${length} decisions`;
  }
  const what = waiting?.for === "rate-limit" ? "rate limit" : "day's quota";
  return `waits for the ${what} until ${waiting?.until ?? "tomorrow"}`;
}

interface Advice {
  readonly text: string;
  readonly commands: readonly string[];
}

const defaultCommand: CommandLine = (words) => `orchestra ${words}`;

function adviceFor(
  { id, status, waiting, error }: Run,
  { command: commandLine = defaultCommand, isStopped = false, obstacle }: Partial<RunContext>,
): Advice | undefined {
  const command = (name: string, more = "") => commandLine(`runs ${name} ${id}${more}`);
  if (obstacle !== undefined) {
    if (isStopped || status === "failed") return { text: obstacle, commands: [] };
    if (status === "cancelled") return undefined;
  }
  if (error?.code === "deadline_exceeded") {
    const text = "Start another run without a deadline, which takes over its answers:";
    return { text, commands: [command("fork")] };
  }
  if (status === "failed") {
    const text = "When the cause is corrected, continue it with:";
    return { text, commands: [command("resume")] };
  }
  if (status === "cancelled") return { text: "Continue it with:", commands: [command("resume")] };
  if (waiting?.for === "approval") {
    const which = waiting.interrupts.length > 1 ? " --interrupt ID" : "";
    const commands = [command("approve", which), command("reject", which)];
    return { text: "Decide with one of:", commands };
  }
  if (waiting?.for === "interrupt") {
    const hasSeveral = waiting.interrupts.length > 1;
    const text = hasSeveral ? "Answer each question with:" : "Answer the question with:";
    const which = hasSeveral ? " --interrupt ID" : "";
    return { text, commands: [command("answer", ` --value JSON${which}`)] };
  }
  if (waiting?.for === "quota") {
    const text =
      "A worker continues it then. To continue it without a worker, or sooner after the limit was raised:";
    return { text, commands: [command("resume")] };
  }
  if (isStopped) {
    return { text: "No process executes it. Continue it with:", commands: [command("watch")] };
  }
  const isUnderWay = status === "queued" || status === "running";
  return isUnderWay ? { text: "Follow it with:", commands: [command("watch")] } : undefined;
}
