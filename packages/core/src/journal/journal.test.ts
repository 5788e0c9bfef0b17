import { assert, jsonValue, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { isJson, MemoryJournal, stepOf, type Journal, type JournalEntry } from "./index.ts";

const entry: JournalEntry = { kind: "call", step: "research:1", name: "researcher", request: "r" };

/** Work that counts how often it is done. */
function counted() {
  let done = 0;
  return {
    work: async () => ({ done: (done += 1) }),
    get done() {
      return done;
    },
  };
}

function cyclic(): unknown {
  const list: unknown[] = [];
  list.push({ list });
  return list;
}

describe("a journal in memory", () => {
  test("does the work once, and gives what it kept in the next execution", async () => {
    const journal = new MemoryJournal();
    const { work } = counted();
    await expect(journal.once(entry, work)).resolves.toEqual({ done: 1 });
    await expect(journal.again().once(entry, work)).resolves.toEqual({ done: 1 });
    expect(journal.size).toBe(1);
  });

  test("gives values of its own: whoever changes one changes it for nobody else", async () => {
    const journal = new MemoryJournal();
    const first = await journal.once(entry, async () => ({ list: [1] }));
    first.list.push(2);
    await expect(journal.again().once(entry, () => Promise.reject(first))).resolves.toEqual({
      list: [1],
    });
  });

  test.each([
    ["kind", { kind: "tool" }],
    ["step", { step: "research:2" }],
    ["name", { name: "validator" }],
    ["request", { request: "another" }],
  ] as const)("tells entries apart by their %s", async (_, other) => {
    const journal = new MemoryJournal();
    const { work } = counted();
    await journal.once(entry, work);
    await expect(journal.again().once({ ...entry, ...other }, work)).resolves.toEqual({ done: 2 });
  });

  test("tells identical entries of one execution apart by their order", async () => {
    const journal = new MemoryJournal();
    const { work } = counted();
    const ask = (execution: Journal) =>
      Promise.all([1, 2, 3].map(() => execution.once(entry, work)));
    const values = await ask(journal);
    expect(values).toEqual([{ done: 1 }, { done: 2 }, { done: 3 }]);
    await expect(ask(journal.again())).resolves.toEqual(values);
  });

  test("keeps null like any other value", async () => {
    const journal = new MemoryJournal();
    await journal.once(entry, async () => null);
    await expect(journal.again().once<unknown>(entry, async () => 1)).resolves.toBeNull();
  });

  test("keeps nothing of work that failed, and throws its error as it came", async () => {
    const journal = new MemoryJournal();
    const failure = new Error("no");
    await expect(journal.once(entry, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(journal.size).toBe(0);
    const { work } = counted();
    await expect(journal.again().once(entry, work)).resolves.toEqual({ done: 1 });
  });

  test("a retry takes the place of what failed: after a crash it is found there", async () => {
    const journal = new MemoryJournal();
    const { work } = counted();
    await journal.once(entry, () => Promise.reject(new Error("no"))).catch(() => undefined);
    await journal.once(entry, work);
    await expect(journal.again().once(entry, work)).resolves.toEqual({ done: 1 });
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

describe("what JSON gives back", () => {
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
    ["what holds itself", cyclic()],
  ])("is not %s, at any depth", (_, value) => {
    expect(isJson(value)).toBe(false);
    expect(isJson({ deep: [{ value: [value] }] })).toBe(false);
  });
});
