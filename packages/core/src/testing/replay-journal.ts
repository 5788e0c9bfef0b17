import { ReplayMissError } from "../errors/replay-miss-error.ts";
import {
  createJournal,
  differences,
  nodeOf,
  Recording,
  type Journal,
  type JournalClaim,
  type JournalEntry,
  type RecordedEntry,
} from "../journal/index.ts";
import { readExport } from "./exported-journal.ts";

/** A journal that has the results of a run, and takes no others. */
export interface ReplayJournal extends Journal {
  /** The recorded calls that the run has not made, in their order, such as `call of researcher in the step research`. */
  readonly unused: readonly string[];
}

/**
 * Replays a run of the runtime in a test, without a network: its model calls and tool calls get the
 * results that the exported run had. Each replay of the run needs a new journal.
 *
 * @param file - The result of `runtime.export()`, or the parsed file of `orchestra runs export`.
 * @throws {ArgumentError} for a newer format, and for any other file. The run throws a
 * {@link ReplayMissError} for a call that the recording does not have; it says what differs from the
 * nearest one.
 *
 * @example
 * ```ts
 * const journal = replayJournal(JSON.parse(await readFile("run.json", "utf8")));
 * const state = await pipeline.invoke({ task }, { configurable: { journal } });
 * ```
 */
export function replayJournal(file: unknown): ReplayJournal {
  const recording = new Recording(readExport(file));
  const journal = createJournal({
    read: (entry) => {
      const taken = recording.take(entry);
      if (taken) return taken.value;
      throw new ReplayMissError(describeMiss(entry, recording));
    },
    write: () => Promise.resolve(),
  });
  return {
    claim: async (entry): Promise<JournalClaim> => {
      const claim = await journal.claim(entry);
      // A result that JSON could not express was stored as `null`: the work would be repeated.
      if (claim.isStored && claim.value === null) throw new ReplayMissError(describeNull(entry));
      return claim;
    },
    get unused() {
      return recording.left.map(describe);
    },
  };
}

function describeMiss(entry: JournalEntry, recording: Recording): string {
  const nearest = recording.nearest(entry);
  const asked = `The recording has no ${describe(entry)} with this request`;
  if (!nearest) return `${asked}, and none of this kind. Record the run again.`;
  const isUsed = !recording.left.includes(nearest);
  const differing = differences(nearest.outline ?? {}, entry.outline?.() ?? {});
  const what = isSame(entry, nearest)
    ? "it was asked for before, and is recorded once less"
    : nearest.outline === undefined
      ? "of which only the hash of the request is known"
      : differing.join("; ") || "the recording does not contain the difference";
  return `${asked}. The nearest is ${isUsed ? "one that is used already, " : ""}a ${describe(nearest)}: ${what}. Record the run again if the change is meant.`;
}

function describeNull(entry: JournalEntry): string {
  return `The recording has no result of the ${describe(entry)}: JSON could not hold it. Return plain JSON from it and record the run again.`;
}

function isSame(entry: JournalEntry, recorded: RecordedEntry): boolean {
  return (
    entry.request === recorded.request &&
    entry.name === recorded.name &&
    nodeOf(entry.step) === nodeOf(recorded.step)
  );
}

function describe({ kind, step, name }: Pick<JournalEntry, "kind" | "step" | "name">): string {
  const node = nodeOf(step);
  return `${kind} of ${name}${node === "" ? "" : ` in the step ${node}`}`;
}
