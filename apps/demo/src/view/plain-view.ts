import type { OrchestraEvent } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";
import type { Output } from "../style.ts";
import { wrapFor } from "../wrap.ts";
import { describeOutput } from "./describe-output.ts";
import { fallbackNote, hedgeNote, paceNote, replayNote, retryNote, toolNote } from "./notes.ts";
import type { View } from "./view.ts";
import { cost, count, seconds } from "./words.ts";

/** A line for each event, without colors: for files, pipes and CI. */
export class PlainView implements View {
  readonly #stream: Output;
  readonly #redact: (text: string) => string;
  #isIndexing = false;

  constructor(stream: Output, redact: (text: string) => string) {
    this.#stream = stream;
    this.#redact = redact;
  }

  indexing({ filesFound }: { filesFound: number }): void {
    if (this.#isIndexing) return;
    this.#isIndexing = true;
    this.note(`Reading ${count(filesFound, "document")}`);
  }

  note(text: string): void {
    this.#stream.write(`${wrapFor(this.#stream, plainLine(this.#redact(text)), "  ")}\n`);
  }

  on(event: OrchestraEvent): void {
    const words = describe(event);
    if (words !== undefined && "role" in event) this.note(`${event.role}: ${words}`);
  }

  killed(): void {}

  [Symbol.dispose](): void {}
}

function describe(event: OrchestraEvent): string | undefined {
  switch (event.type) {
    case "agent-start":
      return `starts, with ${event.model}`;
    case "attempt-start":
      return event.attempt === 1
        ? undefined
        : `attempt ${event.attempt}: ${event.model} via ${event.via}`;
    case "tool-call":
      return toolNote(event).text;
    case "tool-end":
      return event.message === undefined ? undefined : `${event.tool} failed: ${event.message}`;
    case "retry":
      return retryNote(event).text;
    case "fallback":
      return fallbackNote(event).text;
    case "rate-limit-wait":
      return paceNote(event).text;
    case "hedge":
      return hedgeNote(event).text;
    case "call-replay":
      return replayNote(event).text;
    case "call-end": {
      const { status, servedModel, model, promptTokens, completionTokens } = event.record;
      return [
        `call ${status}, ${servedModel ?? model}`,
        `${promptTokens}+${completionTokens} tokens`,
        cost(event.record),
        seconds(event.record.durationMs),
      ].join(", ");
    }
    case "agent-end":
      return event.output === undefined
        ? "failed"
        : ["done", describeOutput(event.output)].filter(Boolean).join(": ");
    default:
      return undefined;
  }
}
