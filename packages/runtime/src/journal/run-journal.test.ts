import type { Journal, JournalEntry } from "@orchestra/core";
import { expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import type { KeptEntry } from "./kept-entry.ts";
import { JournalFormatError } from "../errors/index.ts";
import { openRunJournal } from "./run-journal.ts";

const entry: JournalEntry = { kind: "tool", step: "research:1", name: "search", request: "r" };

/** The entries of one run, as the database gives them. */
class Entries {
  readonly stored: KeptEntry[] = [];
  queries = 0;
  /** Thrown by the next write. */
  failure: Error | undefined;

  open(execution: number, epoch = 0, isFork = false): Promise<Journal> {
    const query = async (_: string, [, ...of]: readonly unknown[]) => {
      this.queries += 1;
      return this.stored
        .filter((row) => of.includes(row.epoch))
        .map((row) => ({ ...row, value: JSON.parse(row.value) as unknown }));
    };
    return openRunJournal({
      database: { schema: "orchestra", query } as unknown as Database,
      runId: "run-1",
      partition: 12,
      epoch,
      execution,
      isFork,
      signal: new AbortController().signal,
      keep: async (kept) => {
        const { failure } = this;
        this.failure = undefined;
        if (failure) throw failure;
        this.stored.push(kept);
      },
    });
  }
}

async function fillNext(journal: Journal, value: unknown): Promise<void> {
  const claim = await journal.claim(entry);
  if (claim.isStored) throw new Error("The place has a value");
  await claim.slot.fill(value);
}

test("a further execution has the values of the earlier ones, null too, in their order", async () => {
  const entries = new Entries();
  const first = await entries.open(1);
  for (const value of [{ rows: 1 }, null]) await fillNext(first, value);
  const second = await entries.open(2);
  expect(await second.claim(entry)).toMatchObject({ isStored: true, value: { rows: 1 } });
  expect(await second.claim(entry)).toMatchObject({ isStored: true, value: null });
  await fillNext(second, "third");
  expect(entries.stored.map(({ occurrence, value }) => [occurrence, value])).toEqual([
    [1, '{"rows":1}'],
    [2, "null"],
    [3, '"third"'],
  ]);
});

test("a value that could not be stored leaves its place to a retry", async () => {
  const entries = new Entries();
  const journal = await entries.open(1);
  entries.failure = new Error("The claim is lost");
  await expect(fillNext(journal, "lost")).rejects.toBe(entries.failure);
  await fillNext(journal, "retry");
  expect(entries.stored).toMatchObject([{ occurrence: 1, value: '"retry"' }]);
});

test("the first execution does not ask the database", async () => {
  const entries = new Entries();
  await entries.open(1);
  expect(entries.queries).toBe(0);
});

test("another epoch of the run has other values", async () => {
  const entries = new Entries();
  await fillNext(await entries.open(1), "old");
  await fillNext(await entries.open(2, 1), "new");
  expect(entries.stored).toMatchObject([{ epoch: 0 }, { epoch: 1 }]);
});

test("entries of a newer format are not replayed: the error has the package to update", async () => {
  const entries = new Entries();
  await fillNext(await entries.open(1), "kept");
  entries.stored.push({ ...entries.stored[0]!, occurrence: 2, format: 2 } as KeptEntry);
  const opened = entries.open(2);
  await expect(opened).rejects.toThrow(JournalFormatError);
  await expect(opened).rejects.toThrow(/format 2.*up to format 1: update the @orchestra packages/);
});
