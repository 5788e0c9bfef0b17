import { escapeControls } from "@orchestra/core";
import type { Run, RunEvent } from "@orchestra/runtime";
import type { Output } from "../surroundings.ts";
import { formatDuration, formatTokens, formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";
import { describeEnd } from "./print-run.ts";
import { describeEvent } from "./progress.ts";

const indent = " ".repeat(10);

/** Prints what happened in a run, each with the time since its start. */
export function printTrace(run: Run, events: readonly RunEvent[], stdout: Output): void {
  const start = Date.parse(events[0]?.at ?? run.createdAt);
  const news = createNews(run.error?.message);
  for (const event of events) {
    const text = describeMore(event, news);
    if (text === undefined) continue;
    const since = `+${formatDuration(Date.parse(event.at) - start)}`.padEnd(indent.length);
    stdout.write(`${since}${wrap(escapeControls(text), widthOf(stdout), indent)}\n`);
  }
  if (run.error?.stack !== undefined) stdout.write(`${escapeControls(run.error.stack, "\n")}\n`);
  stdout.write(`${describeEnd(run)}\n`);
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
      return "decided";
    case "run-resumed":
      return "resumed";
    case "run-cancel-requested":
      return `to be cancelled: ${event.reason}`;
    case "tool-call":
      return `${event.role} calls ${event.tool} with ${shorten(JSON.stringify(event.input))}`;
    default:
      return describeEvent(event);
  }
}

const maxInput = 200;

function shorten(text = ""): string {
  return text.length > maxInput ? `${text.slice(0, maxInput)}…` : text;
}
