import { escapeControls } from "@orchestra/core/gateway";
import type { Run, RunEvent } from "@orchestra/runtime";
import type { Output } from "../surroundings.ts";
import { formatDuration, formatTokens, formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";
import { describeDecision } from "./describe-decision.ts";
import { describeRun, type DescribeRunOptions } from "./print-run.ts";
import { describeEvent } from "./progress.ts";

const minColumn = 10;
/** In less, the times have no column of their own: ids and models would not fit beside it. */
const minWidthOfColumns = 60;

/** Prints what happened in a run, each with the time since its start. */
export function printTrace(
  run: Run,
  events: readonly RunEvent[],
  stdout: Output,
  options: Omit<DescribeRunOptions, "width"> = {},
): void {
  const start = Date.parse(events[0]?.at ?? run.createdAt);
  const news = createNews(run.error?.message);
  const cutOff = createCutOffCalls();
  const lines = events.flatMap((event) => {
    const text = describeMore(event, news);
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

/** The message of a failure behind a colon, on one line; `""` where it is said elsewhere. */
type News = (message: string | undefined) => string;

/** Says each message once: not what a line before has said, and not what the end of the run will say. */
function createNews(end = ""): News {
  const said = new Set<string>();
  return (message) => {
    if (message === undefined || said.has(message) || end.includes(message)) return "";
    said.add(message);
    return `: ${message.replaceAll(/\s*\n\s*/g, "; ")}`;
  };
}

/** Where an execution ends, says which of its calls were cut off: of these, no end is stored. */
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

/** With what a person who only waits for the end need not see. */
function describeMore(event: RunEvent, news: News): string | undefined {
  switch (event.type) {
    case "run-start":
      return `taken by ${event.worker} (execution ${event.execution})`;
    case "run-end":
      return `${event.status}${news(event.error?.message)}`;
    case "call-end":
      return `${describeEvent(event)}${news(event.record.error?.message)}`;
    case "retry":
      return `${event.role}: ${event.kind}${news(event.message)}; again in ${formatDuration(event.waitMs)}`;
    case "fallback":
      return `${event.role}: ${event.kind}${news(event.message)}; falls back to ${event.to}`;
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
