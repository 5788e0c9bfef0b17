import { escapeControls, type CallRecord } from "@orchestra/core/gateway";
import type { RunEvent } from "@orchestra/runtime";
import type { CommandContext } from "../command-context.ts";
import { formatCost, formatDuration, formatTokens } from "../terminal/amounts.ts";
import { createStyle } from "../terminal/style.ts";
import { widthOf, wrap } from "../terminal/wrap.ts";

/** Returns a function that prints a line on standard error for each event that shows progress. */
export function createProgress({ stderr, environment }: CommandContext): (event: RunEvent) => void {
  const style = createStyle(stderr, environment);
  const begun = new Set<string>();
  return (event) => {
    const text = describeBegin(event, begun) ?? describeEvent(event);
    if (text === undefined) return;
    stderr.write(`${style("dim", wrap(escapeControls(text), widthOf(stderr), "  "))}\n`);
  };
}

/** A line for the first request of each role: until its answer, no other line shows that the run is in progress. */
function describeBegin(event: RunEvent, begun: Set<string>): string | undefined {
  if (event.type !== "attempt-start" || begun.has(event.role)) return undefined;
  begun.add(event.role);
  return `${event.role} asks ${event.model}`;
}

/** Describes an event in one line; `undefined` for events that are not printed. */
export function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case "run-queued":
      return `run ${event.runId} (${event.pipeline})`;
    case "run-handed-back":
      return "handed back to the queue";
    case "run-lost":
      return `its worker ${event.worker} is gone`;
    case "step-end":
      return `${event.step} is done`;
    case "run-waiting":
      return describeWaiting(event.waiting);
    case "run-retry":
      return event.from === undefined ? "again, from the beginning" : `again, from ${event.from}`;
    case "call-end":
      return describeCall(event.record);
    case "call-replay":
      return `${describeCall(event.record)}, from the journal`;
    case "tool-call":
      return `${event.role} calls ${event.tool}`;
    case "tool-end":
      if (event.message === undefined) return undefined;
      return `${event.role}: ${event.tool} failed: ${event.message}`;
    case "retry":
      return `${event.role}: ${event.message}; again in ${formatDuration(event.waitMs)}`;
    case "fallback":
      return `${event.role}: ${event.message}; falls back to ${event.to}`;
    case "rate-limit-wait":
      return `${event.role} waits ${formatDuration(event.waitMs)} for the rate limit`;
    default:
      return undefined;
  }
}

function describeWaiting(waiting: (RunEvent & { type: "run-waiting" })["waiting"]): string {
  if ("interrupts" in waiting) return "waits for a decision";
  return `waits for the ${waiting.for === "quota" ? "day's quota" : "rate limit"} until ${waiting.until}`;
}

/** Describes a call in one line. A failed one has the kind of its error; if it ends the run, the message follows. */
function describeCall(record: CallRecord): string {
  const { role, servedModel, model, status, durationMs, error } = record;
  const parts = [
    `${role}: ${servedModel ?? model}`,
    formatDuration(durationMs),
    formatTokens(record),
    formatCost(record),
    ...(record.attempts.length > 1 ? [`${record.attempts.length} attempts`] : []),
    ...(status === "succeeded" ? [] : [error?.kind ?? status]),
  ];
  return parts.join(", ");
}
