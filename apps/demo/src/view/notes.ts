import type { OrchestraEvent } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";
import type { Note } from "./step.ts";
import { cost, seconds } from "./words.ts";

type EventOf<Type extends OrchestraEvent["type"]> = Extract<OrchestraEvent, { type: Type }>;

/** `retry in 1.30 s: service_error: Service Unavailable`. */
export function retryNote({ attempt, kind, message, waitMs }: EventOf<"retry">): Note {
  const text = `attempt ${attempt} failed, retry in ${waitMs < 100 ? `${Math.ceil(waitMs)} ms` : seconds(waitMs)}: ${reason(kind, message)}`;
  return { kind: "retry", text };
}

export function fallbackNote({ from, to, kind, message }: EventOf<"fallback">): Note {
  return { kind: "fallback", text: `fell back from ${from} to ${to}: ${reason(kind, message)}` };
}

/** A request waits for the limits of the account. */
export function paceNote({ waitMs }: EventOf<"rate-limit-wait">): Note {
  const howLong = waitMs > 0 ? `${seconds(waitMs)} ` : "";
  return { kind: "wait", text: `waits ${howLong}for the account's limits` };
}

/** A request is slow, and a second one is sent (hedge). */
export function hedgeNote({ afterMs }: EventOf<"hedge">): Note {
  return { kind: "wait", text: `slow after ${seconds(afterMs)}, a second request races it` };
}

/** A call whose answer is in the journal, so that it is not made again. */
export function replayNote({ record }: EventOf<"call-replay">): Note {
  const took = `${record.promptTokens}+${record.completionTokens} tokens, ${cost(record)}`;
  return { kind: "replay", text: `from the journal, not made again (${took})` };
}

/** The name of a tool and its input, such as `search_documents "rate limits"`. */
export function toolNote({ tool, input }: EventOf<"tool-call">): Note {
  const [first] = typeof input === "object" && input !== null ? Object.values(input) : [input];
  const asked = typeof first === "string" ? JSON.stringify(plainLine(first)) : "";
  return { kind: "tool", text: plainLine(`${tool} ${asked}`) };
}

function reason(kind: string, message: string): string {
  return `${kind}: ${plainLine(message)}`;
}
