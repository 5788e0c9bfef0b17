import { escapeControls } from "@orchestra/core";
import type { Run, RunFailure } from "@orchestra/runtime";
import type { Output } from "../surroundings.ts";
import { formatCost, formatCount, formatTokens } from "../terminal/amounts.ts";
import { plain } from "../terminal/plain.ts";

/** Prints what a run gave: its answer as text with its sources, or anything else as JSON. */
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

/** The text of a message of LangChain, as JSON has it. */
function textOfMessage(output: object): string | undefined {
  const { lc, kwargs } = output as { readonly lc?: unknown; readonly kwargs?: unknown };
  const { content } = (kwargs ?? {}) as { readonly content?: unknown };
  return lc === 1 && typeof content === "string" ? content : undefined;
}

function sourceOf(citation: unknown): string[] {
  const { number, path, line } = (citation ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof path !== "string") return [];
  return [
    escapeControls(`[${String(number)}] ${path}${typeof line === "number" ? `:${line}` : ""}`),
  ];
}

/** How a run ended, or what it waits for, and what to do about it. */
export function describeEnd(run: Run): string {
  const { id, status, error, cancelReason } = run;
  const { usage } = run;
  const took = `${formatCount(usage.calls, "call")}, ${formatTokens(usage)}, ${formatCost(usage)}`;
  const why = error ? describeFailure(error) : status === "cancelled" ? cancelReason : undefined;
  const head = `Run ${id} ${status === "waiting" ? describeWait(run) : `has ${verbOf(status)}`} (${took}).`;
  const hint = hintFor(run);
  return escapeControls([head, why, hint].filter(Boolean).join("\n"), "\n");
}

/** What went wrong, and in which step. */
export function describeFailure({ message, step }: RunFailure): string {
  return step === undefined ? message : `In the step ${step}: ${message}`;
}

function verbOf(status: Run["status"]): string {
  if (status === "rejected" || status === "cancelled") return `been ${status}`;
  return status;
}

function describeWait({ waiting }: Run): string {
  if (waiting && "interrupts" in waiting) {
    const { length } = waiting.interrupts;
    return length === 1 ? "waits for a decision" : `waits for ${length} decisions`;
  }
  return `waits for the day's quota until ${waiting?.until ?? "tomorrow"}`;
}

function hintFor({ id, status, waiting }: Run): string | undefined {
  if (status === "failed" || status === "cancelled") {
    return `When the cause is corrected, it goes on where it was with: orchestra runs resume ${id}`;
  }
  if (waiting?.for === "approval") {
    const [, ...others] = waiting.interrupts;
    const which = others.length > 0 ? " --interrupt ID" : "";
    return `Decide with: orchestra runs approve ${id}${which}, or orchestra runs reject ${id}${which}`;
  }
  if (waiting?.for === "interrupt") {
    return `Decide with runtime.decide(), in code; orchestra runs show ${id} prints what it asks for`;
  }
  return undefined;
}
