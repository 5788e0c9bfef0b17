import type { OrchestraEvent } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";
import { sumUsage } from "../usage.ts";
import { describeOutput } from "./describe-output.ts";
import { lastText } from "./last-text.ts";
import { fallbackNote, hedgeNote, paceNote, replayNote, retryNote, toolNote } from "./notes.ts";
import { beginStep, type Note, type Step } from "./step.ts";

/** Enough for the last words of a line. */
const keptCharacters = 400;

/** Applies an event to the steps. */
export function follow(steps: readonly Step[], event: OrchestraEvent, now: number): Step[] {
  if (event.type === "agent-start") return [...steps, beginStep(event.role, event.model, now)];
  const role = "role" in event ? event.role : undefined;
  const index = steps.findLastIndex((step) => step.role === role);
  const step = steps[index];
  return step ? steps.with(index, advance(step, event, now)) : [...steps];
}

function advance(step: Step, event: OrchestraEvent, now: number): Step {
  switch (event.type) {
    case "attempt-start":
      return { ...step, model: event.model, route: routeOf(event.via), text: "" };
    case "text-delta":
      return { ...step, text: (step.text + event.text).slice(-keptCharacters) };
    case "object-delta":
      return { ...step, text: lastText(event.partial) };
    case "tool-call":
      return withNote(step, toolNote(event));
    case "retry":
      return withNote(step, retryNote(event));
    case "fallback":
      return withNote(step, fallbackNote(event));
    case "rate-limit-wait":
      return withNote(step, paceNote(event));
    case "hedge":
      return withNote(step, hedgeNote(event));
    case "call-replay":
      return withNote(step, replayNote(event));
    case "call-end": {
      const { record } = event;
      return {
        ...step,
        model: plainLine(record.servedModel ?? step.model),
        route: routeOf(record.via ?? "openrouter", record.provider),
        ...withUsage(step, record),
        text: "",
      };
    }
    case "reconcile":
      return { ...step, ...withUsage(step, event.missing) };
    case "agent-end": {
      const status = event.output === undefined ? "failed" : "done";
      return { ...step, status, endedAt: now, text: "", result: describeOutput(event.output) };
    }
    default:
      return step;
  }
}

function withUsage(step: Step, usage: Parameters<typeof sumUsage>[0][number]): Partial<Step> {
  const { unknownUsageAttempts: _, ...sums } = sumUsage([step, usage]);
  return sums;
}

function withNote(step: Step, note: Note): Step {
  return { ...step, text: "", notes: [...step.notes, note] };
}

/** OpenRouter is the usual route, so it is not shown. */
function routeOf(via: string, provider?: string): string {
  if (via === "openrouter") return "";
  return provider === undefined ? `via ${via}` : `via ${via} (${plainLine(provider)})`;
}
