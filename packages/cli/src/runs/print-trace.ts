import { escapeControls } from "@orchestra/core/gateway";
import type { Run, RunEvent } from "@orchestra/runtime";
import type { Output } from "../command-context.ts";
import { formatDuration, formatTokens, formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";
import { describeDecision } from "./describe-decision.ts";
import { describeRun, type DescribeRunOptions } from "./print-run.ts";
import { describeEvent } from "./progress.ts";

const minColumn = 10;
/** In narrower output, the times have no column: ids and models would not fit beside it. */
const minWidthOfColumns = 60;

/** Prints the events of a run, each with the time since the first one, and then the state of the run. */
export function printTrace(
  run: Run,
  events: readonly RunEvent[],
  stdout: Output,
  options: Omit<DescribeRunOptions, "width"> = {},
): void {
  const start = Date.parse(events[0]?.at ?? run.createdAt);
  const messageOnce = createMessageOnce(run.error?.message);
  const cutOff = createCutOffCalls();
  const lines = events.flatMap((event) => {
    const text = describeInTrace(event, messageOnce);
    const since = `+${formatDuration(Date.parse(event.at) - start)}`;
    const texts = [...cutOff(event), ...(text === undefined ? [] : [text])];
    return texts.map((each) => ({ since, text: escapeControls(each) }));
  });
  const column = Math.max(minColumn, ...lines.map(({ since }) => since.length + 1));
  for (const line of lines) stdout.write(`${layOut(line, column, widthOf(stdout))}\n`);
  if (run.error?.stack !== undefined) stdout.write(`${escapeControls(run.error.stack, "\n")}\n`);
  stdout.write(`${describeRun(run, { ...options, width: widthOf(stdout) })}\n`);
}

function layOut({ since, text }: Record<"since" | "text", string>, column: number, width: number) {
  if (width < minWidthOfColumns) return wrap(`${since} ${text}`, width, "  ");
  return since.padEnd(column) + wrap(text, width, " ".repeat(column));
}

/** Formats the message of a failure: `: ` and the message on one line; `""` for one that is printed elsewhere. */
type MessageOnce = (message: string | undefined) => string;

/** @param end - The message at the end of the trace. Messages that it contains are not printed before. */
function createMessageOnce(end = ""): MessageOnce {
  const printed = new Set<string>();
  return (message) => {
    if (message === undefined || printed.has(message) || end.includes(message)) return "";
    printed.add(message);
    return `: ${message.replaceAll(/\s*\n\s*/g, "; ")}`;
  };
}

/**
 * At the end of an execution, lists the calls that were cut off: they have no `call-end`. A new `run-start` means that
 * the execution before it ended too.
 */
function createCutOffCalls(): (event: RunEvent) => string[] {
  const open = new Map<string, string>();
  return (event) => {
    if (event.type === "attempt-start") open.set(event.callId, `${event.role}: ${event.model}`);
    if (event.type === "call-end") open.delete(event.callId);
    if (!endsOfExecutions.has(event.type)) return [];
    const texts = Array.from(open.values(), (call) => `${call}, cut off`);
    open.clear();
    return texts;
  };
}

const endsOfExecutions: ReadonlySet<string> = new Set([
  "run-start",
  "run-handed-back",
  "run-lost",
  "run-end",
]);

/** Describes an event as the progress does, and with more details. */
function describeInTrace(event: RunEvent, messageOnce: MessageOnce): string | undefined {
  switch (event.type) {
    case "run-start":
      return `taken by ${event.worker} (execution ${event.execution})`;
    case "run-end":
      return `${event.status}${messageOnce(event.error?.message)}`;
    case "call-end":
      return `${describeEvent(event)}${messageOnce(event.record.error?.message)}`;
    case "retry":
      return `${event.role}: ${event.kind}${messageOnce(event.message)}; again in ${formatDuration(event.waitMs)}`;
    case "fallback":
      return `${event.role}: ${event.kind}${messageOnce(event.message)}; falls back to ${event.to}`;
    case "reconcile":
      return `${event.role}: attempt ${event.attempt} is known to have taken ${formatTokens(event.usage)}, ${formatUsd(event.usage.costUsd)}`;
    case "run-decision":
      return describeDecision(event.value);
    case "run-resumed":
      return "resumed";
    case "run-cancel-requested":
      return `to be cancelled: ${event.reason}`;
    case "tool-call":
      return `${event.role} calls ${event.tool} with ${shorten(JSON.stringify(event.input))}`;
    case "tool-end":
      return event.message === undefined
        ? `${event.role}: ${event.tool}, ${formatDuration(event.durationMs)}${event.status === "succeeded" ? "" : `, ${event.status}`}`
        : describeEvent(event);
    default:
      return describeEvent(event);
  }
}

const maxInput = 200;

function shorten(text = ""): string {
  return text.length > maxInput ? `${text.slice(0, maxInput)}…` : text;
}
