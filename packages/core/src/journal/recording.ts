import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { checkInput } from "../input/check-input.ts";
import type { JournalEntry } from "./journal.ts";
import type { RequestOutline } from "./request-outline.ts";

/** A result in the journal of another run. */
export interface RecordedEntry extends Omit<JournalEntry, "outline"> {
  /** JSON. */
  readonly value: unknown;
  readonly outline?: RequestOutline | undefined;
}

const recordedEntries = z.array(
  z.looseObject({
    kind: z.enum(["call", "tool"]),
    step: z.string(),
    name: z.string(),
    request: z.string(),
  }),
);

/**
 * The node of a step: another run has other tasks, but the same nodes.
 *
 * @throws {ArgumentError} for a value that is not a text
 */
export function nodeOf(step: string): string {
  if (typeof step !== "string") throw ArgumentError.of("nodeOf(): step", step, "a text");
  return step.split(":", 1)[0] as string;
}

/**
 * The results of a run, for use in another one. Two entries are the same if their kind, node, name
 * and request are; identical ones are used in their order.
 */
export class Recording {
  readonly #entries: readonly RecordedEntry[];
  readonly #left: Map<string, RecordedEntry[]>;

  /**
   * @param entries - In the order in which they were made.
   * @throws {ArgumentError} for invalid entries
   */
  constructor(entries: readonly RecordedEntry[]) {
    checkInput(recordedEntries, entries, "new Recording()", "entries");
    this.#entries = entries;
    this.#left = Map.groupBy(entries, keyOf);
  }

  /** Uses the next entry that is the same, if there is one. */
  take(entry: JournalEntry): RecordedEntry | undefined {
    return this.#left.get(keyOf(entry))?.shift();
  }

  /** Entries that were not used, in their order. */
  get left(): readonly RecordedEntry[] {
    const left = new Set([...this.#left.values()].flat());
    return this.#entries.filter((entry) => left.has(entry));
  }

  /** The entry that is most similar to another one; unused ones have precedence. */
  nearest(to: JournalEntry): RecordedEntry | undefined {
    const outline = to.outline?.() ?? {};
    const left = new Set(this.left);
    let nearest: RecordedEntry | undefined;
    let best = 0;
    for (const entry of this.#entries) {
      if (entry.kind !== to.kind) continue;
      const likeness =
        1 +
        (nodeOf(entry.step) === nodeOf(to.step) ? 1000 : 0) +
        (entry.name === to.name ? 500 : 0) +
        (left.has(entry) ? 250 : 0) +
        shareOf(outline, entry.outline ?? {}) * 200;
      if (likeness > best) [nearest, best] = [entry, likeness];
    }
    return nearest;
  }
}

/** The share of the fields that two requests have in common, from 0 to 1. */
function shareOf(one: RequestOutline, other: RequestOutline): number {
  const fields = Object.keys(one);
  if (fields.length === 0) return 0;
  return fields.filter((field) => one[field] === other[field]).length / fields.length;
}

function keyOf({ kind, step, name, request }: Omit<JournalEntry, "outline">): string {
  return JSON.stringify([kind, nodeOf(step), name, request]);
}
