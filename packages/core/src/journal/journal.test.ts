import { assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createJournal,
  isJournalFailure,
  isJson,
  journaled,
  MemoryJournal,
  stepOf,
  type Journal,
  type JournalCodec,
  type JournalEntry,
  type JournalSlot,
} from "./index.ts";

const entry: JournalEntry = { kind: "call", step: "research:1", name: "researcher", request: "r" };

async function slotOf(journal: Journal): Promise<JournalSlot> {
  const claim = await journal.claim(entry);
  if (claim.isStored) throw new Error("The place has a value");
  return claim.slot;
}

async function fillNext(journal: Journal, value: unknown): Promise<void> {
  const slot = await slotOf(journal);
  await slot.fill(value);
}

/** The value that the journal has for the entry; `undefined` if there is none. */
async function stored(journal: Journal, of: JournalEntry = entry): Promise<unknown> {
  const claim = await journal.claim(of);
  return claim.isStored ? claim.value : undefined;
}

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push({ list });
  return list;
}

describe("a journal in memory", () => {
  test("has a filled value in the next execution", async () => {
    const journal = new MemoryJournal();
    await fillNext(journal, { done: 1 });
    expect(await stored(journal.again())).toEqual({ done: 1 });
    expect(journal.size).toBe(1);
  });

  test("stores copies: changing a value later changes nothing in the journal", async () => {
    const journal = new MemoryJournal();
    const value = { list: [1] };
    await fillNext(journal, value);
    value.list.push(2);
    const copy = (await stored(journal.again())) as typeof value;
    expect(copy).toEqual({ list: [1] });
    copy.list.push(3);
    expect(await stored(journal.again())).toEqual({ list: [1] });
  });

  test.each([
    ["kind", { kind: "tool" }],
    ["step", { step: "research:2" }],
    ["name", { name: "validator" }],
    ["request", { request: "another" }],
  ] as const)("distinguishes entries by their %s", async (_, other) => {
    const journal = new MemoryJournal();
    await fillNext(journal, 1);
    expect(await stored(journal.again(), { ...entry, ...other })).toBeUndefined();
  });

  test("distinguishes identical entries of one execution by the order of their claims", async () => {
    const journal = new MemoryJournal();
    const claims = [1, 2, 3].map(() => slotOf(journal));
    const [first, second, third] = await Promise.all(claims);
    await third?.fill("third");
    await first?.fill("first");
    await second?.fill("second");
    const next = journal.again();
    const values = await Promise.all([1, 2, 3].map(() => stored(next)));
    expect(values).toEqual(["first", "second", "third"]);
  });

  test("stores null like any other value", async () => {
    const journal = new MemoryJournal();
    await fillNext(journal, null);
    expect(await stored(journal.again())).toBeNull();
  });

  test("gives a released place to the next claim, and the others keep theirs", async () => {
    const journal = new MemoryJournal();
    const [first, second] = [await slotOf(journal), await slotOf(journal)];
    first.release();
    first.release();
    await second.fill("second");
    await fillNext(journal, "retry");
    const next = journal.again();
    expect([await stored(next), await stored(next)]).toEqual(["retry", "second"]);
  });

  test("keeps a filled place, also when it is released afterwards", async () => {
    const journal = new MemoryJournal();
    const slot = await slotOf(journal);
    await slot.fill("first");
    slot.release();
    await fillNext(journal, "second");
    const next = journal.again();
    expect([await stored(next), await stored(next)]).toEqual(["first", "second"]);
  });

  test("fills a slot once, and not after its release", async () => {
    const journal = new MemoryJournal();
    const [filled, released] = [await slotOf(journal), await slotOf(journal)];
    await filled.fill(1);
    released.release();
    await expect(filled.fill(2)).rejects.toThrow("was filled or released before");
    await expect(released.fill(2)).rejects.toThrow("was filled or released before");
    expect(journal.size).toBe(1);
  });
});

describe("a journal over a store", () => {
  const full = new Error("disk full");

  test("frees a place that it could not fill, and rejects with the store's error", async () => {
    const written: unknown[] = [];
    const journal = createJournal({
      read: () => undefined,
      write: async (_, occurrence, value) => {
        if (value === "first") throw full;
        written.push([occurrence, value]);
      },
    });
    const slot = await slotOf(journal);
    await expect(slot.fill("first")).rejects.toBe(full);
    slot.release();
    await fillNext(journal, "retry");
    await fillNext(journal, "second");
    expect(written).toEqual([
      [1, "retry"],
      [2, "second"],
    ]);
  });

  test("frees a place that it could not read", async () => {
    const read: number[] = [];
    const journal = createJournal({
      read: async (_, occurrence) => {
        if (read.push(occurrence) === 1) throw full;
        return `value ${occurrence}`;
      },
      write: () => Promise.reject(full),
    });
    await expect(journal.claim(entry)).rejects.toBe(full);
    expect(await stored(journal)).toBe("value 1");
    expect(read).toEqual([1, 1]);
  });
});

describe("journaled work", () => {
  const codec: JournalCodec<Date | string> = {
    serialize: (value) => (typeof value === "string" ? { text: value } : undefined),
    restore: (value) => (value as { text: string }).text,
  };
  const never = () => Promise.reject(new Error("The work was done again"));

  test("is done once; the next execution gets its restored value and is notified", async () => {
    const journal = new MemoryJournal();
    const replayed: unknown[] = [];
    const onReplay = (value: unknown) => replayed.push(value);
    const first = await journaled(journal, entry, async () => "value", codec, onReplay);
    expect([first, replayed]).toEqual(["value", []]);
    const again = await journaled(journal.again(), entry, never, codec, onReplay);
    expect([again, replayed]).toEqual(["value", ["value"]]);
  });

  test("is done again if JSON cannot hold its value, which takes a place nevertheless", async () => {
    const journal = new MemoryJournal();
    const date = new Date(0);
    expect(await journaled(journal, entry, async () => date, codec)).toBe(date);
    await journaled(journal, entry, async () => "second", codec);
    const next = journal.again();
    expect(await journaled(next, entry, async () => "again", codec)).toBe("again");
    expect(await journaled(next, entry, never, codec)).toBe("second");
  });

  test("without a journal is done each time", async () => {
    expect(await journaled(undefined, entry, async () => "value", codec)).toBe("value");
  });

  test("that fails stores nothing, and its error is not the journal's", async () => {
    const journal = new MemoryJournal();
    const failure = new Error("no");
    const failed = journaled(journal, entry, () => Promise.reject(failure), codec);
    await expect(failed).rejects.toBe(failure);
    expect(isJournalFailure(failure)).toBe(false);
    expect(journal.size).toBe(0);
    await journaled(journal, entry, async () => "retry", codec);
    expect(await journaled(journal.again(), entry, never, codec)).toBe("retry");
  });

  test.each([
    ["claim", { claim: (): never => Promise.reject(new Error("claim")) as never }],
    [
      "fill",
      {
        claim: async () => ({
          isStored: false as const,
          slot: { fill: () => Promise.reject(new Error("fill")), release: () => undefined },
        }),
      },
    ],
    ["restore", { claim: async () => ({ isStored: true as const, value: 1 }) }],
  ] satisfies [string, Journal][])("fails with the journal's error: %s", async (name, journal) => {
    const failing = { ...codec, restore: () => Promise.reject(new Error(name)) as never };
    const error: unknown = await journaled(journal, entry, async () => "value", failing).catch(
      (thrown: unknown) => thrown,
    );
    expect(isJournalFailure(error) && error.message).toBe(name);
  });

  test("fails with an Error, also if the journal throws something else", async () => {
    const journal: Journal = { claim: () => Promise.reject("full") };
    const error: unknown = await journaled(journal, entry, never, codec).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ message: "The journal failed", cause: "full" });
    expect(isJournalFailure(error)).toBe(true);
  });
});

describe("the step of a config", () => {
  test.each([
    ["research:55c8", "research:55c8"],
    ["outer:1|research:2|tools:3", "outer:1"],
    ["", ""],
    [undefined, ""],
  ])("of the namespace %j is %j", (checkpoint_ns, step) => {
    expect(stepOf({ configurable: { checkpoint_ns } })).toBe(step);
  });

  test("outside a graph there is none", () => {
    expect([stepOf(undefined), stepOf({}), stepOf({ configurable: {} })]).toEqual(["", "", ""]);
  });
});

describe("what JSON can hold", () => {
  test("is any JSON value, and what lacks only undefined properties", () => {
    assert(property(jsonValue(), (value) => isJson(JSON.parse(JSON.stringify(value)))));
    expect(isJson({ a: undefined, b: [{ c: null }] })).toBe(true);
  });

  test.each([
    ["a date", new Date(0)],
    ["a function", () => 1],
    ["bytes", new Uint8Array(1)],
    ["a map", new Map()],
    ["NaN", Number.NaN],
    ["a bigint", 1n],
    ["undefined in a list", [undefined]],
    ["undefined", undefined],
    ["what contains itself", cyclic()],
  ])("is not %s, at any depth", (_, value) => {
    expect(isJson(value)).toBe(false);
    expect(isJson({ deep: [{ value: [value] }] })).toBe(false);
  });
});
