import type { OrchestraEvent } from "@orchestra/core";
import { describe, expect, test } from "vitest";
import type { LiveDelta, LiveLane, NewEvent } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import {
  ended,
  failed,
  type Batch,
  type Claim,
  type RunStore,
  type RunUsage,
} from "../runs/index.ts";
import { RunLog } from "./run-log.ts";

const ofCall = { runId: "run", callId: "call", role: "writer" };
const text = (piece: string, attempt = 1): OrchestraEvent => ({
  type: "text-delta",
  attempt,
  text: piece,
  ...ofCall,
});
const object = (partial: object): OrchestraEvent => ({
  type: "object-delta",
  attempt: 1,
  partial,
  ...ofCall,
  callId: "other",
});
const toolCall: OrchestraEvent = { type: "tool-call", tool: "search", input: {}, ...ofCall };
const callEnd = (callId: string) =>
  ({
    type: "call-end",
    record: {
      status: "succeeded",
      attempts: [{}],
      costUsd: 1,
      promptTokens: 1,
      completionTokens: 1,
    },
    ...ofCall,
    callId,
  }) as unknown as OrchestraEvent;
const entry = (value: string): KeptEntry => ({
  kind: "call",
  step: "s",
  name: "n",
  request: value,
  occurrence: 1,
  epoch: 0,
  outline: null,
  value,
});

/** A table of runs that takes what the test says. */
function storing({
  refuses = () => undefined,
  isLost = false,
}: {
  readonly refuses?: (batch: Batch) => Error | undefined;
  readonly isLost?: boolean;
} = {}) {
  const events: NewEvent[] = [];
  const answers: string[] = [];
  const booked: [number, RunUsage][] = [];
  const shown: LiveDelta[] = [];
  const errors: unknown[] = [];
  const late: Promise<void>[] = [];
  let lost = 0;
  const batches: Batch[] = [];
  const store = {
    append: async (_: Claim, __: number, batch: Batch) => {
      const refusal = refuses(batch);
      if (refusal) throw refusal;
      if (isLost) return "lost";
      batches.push(batch);
      events.push(...batch.events, ...(batch.end ? [batch.end.event] : []));
      answers.push(...batch.answers.map(({ value }) => value));
      return "written";
    },
    book: async (_: Claim, number: number, usage: RunUsage) => void booked.push([number, usage]),
  } as unknown as RunStore;
  const live = {
    add: (_: Claim, delta: LiveDelta) => void shown.push(delta),
    settle: async () => undefined,
  } as unknown as LiveLane;
  const log = new RunLog({
    store,
    live,
    claim: { runId: "run", jobId: "job", attempt: 0 },
    isNew: true,
    transaction: () => Promise.reject(new Error("not here")),
    onLost: () => (lost += 1),
    onOutage: () => undefined,
    onAnswer: () => undefined,
    onLate: (work) => void late.push(work),
    onError: (error) => void errors.push(error),
  });
  return { log, events, answers, batches, booked, late, shown, errors, lost: () => lost };
}

test("a cost that becomes known after the end is stored at once, and can be awaited", async () => {
  const { log, booked, late } = storing();
  await log.leave(ended("succeeded", "done"));
  log.onEvent(callEnd("a"));
  await Promise.all(late);
  expect(late).toHaveLength(1);
  expect(booked).toMatchObject([[2, { costUsd: 1 }]]);
});

test("one turn of the event loop is one write; without an answer, events wait for the next", async () => {
  const { log, events, answers, batches } = storing();
  await Promise.all(["a", "b"].map((value) => log.keep(entry(value))));
  log.onEvent(toolCall);
  // The writes that the entries asked for are over when another one is.
  await log.keep(entry("c"));
  expect({ answers, events, appends: batches.length }).toEqual({
    answers: ["a", "b", "c"],
    events: [toolCall],
    appends: 2,
  });
});

const checkpoint = {
  threadId: "run",
  namespace: "",
  id: "1",
  parentId: undefined,
  checkpoint: "{}",
  metadata: "{}",
};
const full = new Error("The disk is full");

describe("a checkpoint that is deferred", () => {
  test("is written with the next entry, and known from the first moment", async () => {
    const { log, batches } = storing();
    expect(log.hasNone("run", "")).toBe(true);
    log.deferCheckpoint(checkpoint, []);
    expect(
      [
        ["run", ""],
        ["run", "inner"],
        ["other", ""],
      ].map(([thread = "", namespace = ""]) => log.hasNone(thread, namespace)),
    ).toEqual([false, true, false]);
    expect(batches).toHaveLength(0);
    await log.keep(entry("a"));
    expect(batches).toHaveLength(1);
  });

  test("fails the next entry where the database refuses it, and no other", async () => {
    const refuses = ({ checkpoints }: Batch) =>
      checkpoints.length > 0 ? new Error("refused") : undefined;
    const { log, answers } = storing({ refuses });
    log.deferCheckpoint(checkpoint, []);
    await expect(log.keep(entry("a"))).rejects.toThrow("refused");
    await log.keep(entry("b"));
    expect(answers).toEqual(["a", "b"]);
  });
});

describe("the last checkpoint", () => {
  const write = ["run", "", "0", "task", 0, "channel", "json", new Uint8Array()] as const;

  test("is written with the end, together with the writes of its tasks: the run waits for neither", async () => {
    const { log, batches } = storing();
    const written = log.putWrites([write]);
    log.putLastCheckpoint(checkpoint, []);
    await written;
    expect(await log.leave(ended("succeeded", 1))).toBe(true);
    expect(batches).toMatchObject([
      { writes: [write], checkpoints: [checkpoint], end: { status: "succeeded" } },
    ]);
  });

  test("keeps no one from waiting for an answer", async () => {
    const { log, batches } = storing();
    const kept = log.keep(entry("a"));
    log.putLastCheckpoint(checkpoint, []);
    expect(batches).toEqual([]);
    await kept;
    expect(batches).toMatchObject([{ checkpoints: [checkpoint], answers: [{ value: "a" }] }]);
  });

  test("can be read before the end", async () => {
    const { log, batches } = storing();
    await log.stored();
    log.putLastCheckpoint(checkpoint, []);
    await log.stored();
    expect(batches).toMatchObject([{ checkpoints: [checkpoint] }]);
  });

  test("lets the run end otherwise if the database refuses it", async () => {
    const refuses = ({ checkpoints }: Batch) => (checkpoints.length > 0 ? full : undefined);
    const { log, batches, events } = storing({ refuses });
    log.onEvent(toolCall);
    log.putLastCheckpoint(checkpoint, []);
    await expect(log.leave(ended("succeeded", 1))).rejects.toBe(full);
    expect(await log.leave(failed({ name: "Error", code: "error", message: "full" }))).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(["tool-call", "run-end"]);
    expect(batches.at(-1)).toMatchObject({ end: { status: "failed" } });
  });
});

test("an end that the database refuses loses nothing else", async () => {
  const refuses = ({ end }: Batch) => (end ? full : undefined);
  const { log, batches } = storing({ refuses });
  log.onEvent(callEnd("1"));
  await expect(log.leave(ended("succeeded", 1))).rejects.toBe(full);
  expect(batches.map(({ usage }) => usage.costUsd)).toEqual([1, 0]);
});

test("pieces of a text are shown, and the text is written as one when it has ended; of an object the last", async () => {
  const { log, events, shown } = storing();
  for (const event of [text("Hel"), object({ a: "x" }), text("lo"), object({ a: "xy" })])
    log.onEvent(event);
  log.onEvent(text("Hello", 2));
  await log.flush();
  expect(events).toEqual([]);
  expect(shown.map(({ offset }) => offset)).toEqual([0, 1, 3, 2, 0]);
  log.onEvent(toolCall);
  await log.flush();
  expect(events).toEqual([text("Hello"), text("Hello", 2), toolCall]);
  await log.leave(ended("succeeded", 1));
  expect(events.at(-2)).toEqual(object({ a: "xy" }));
});

describe("a write that the database refuses", () => {
  const refusesPoison = ({ answers }: Batch) =>
    answers.some(({ value }) => value === "poison") ? full : undefined;

  test("fails the entry that it refuses, and loses nothing else", async () => {
    const { log, events, answers } = storing({ refuses: refusesPoison });
    log.onEvent(toolCall);
    const kept = await Promise.allSettled(
      ["a", "poison", "b"].map((value) => log.keep(entry(value))),
    );
    expect(kept.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(answers).toEqual(["a", "b"]);
    expect(events).toEqual([toolCall]);
  });

  test("because its disk is full is written as a whole when there is room", async () => {
    const noRoom = Object.assign(new Error("could not extend file"), { code: "53100" });
    const refusals = [noRoom, noRoom];
    const { log, events, answers } = storing({ refuses: () => refusals.pop() });
    log.onEvent(toolCall);
    await Promise.all(["a", "b"].map((value) => log.keep(entry(value))));
    expect({ answers, events }).toEqual({ answers: ["a", "b"], events: [toolCall] });
  });

  test("is reported where no caller waits for it", async () => {
    const { log, errors } = storing({
      refuses: ({ events }) => (events.length > 0 ? full : undefined),
    });
    log.onEvent(toolCall);
    await log.flush();
    expect(errors).toEqual([full]);
  });
});

test("an execution that has lost its run gets an error, writes nothing, and stores its cost", async () => {
  const { log, events, answers, booked, lost } = storing({ isLost: true });
  log.onEvent(callEnd("1"));
  await expect(log.keep(entry("late"))).rejects.toThrow("Another worker has the run");
  log.onEvent(callEnd("2"));
  await expect(log.keep(entry("later"))).rejects.toThrow("Another worker has the run");
  expect(await log.leave(ended("succeeded", 1))).toBe(false);
  expect({ events, answers, lost: lost() }).toEqual({ events: [], answers: [], lost: 1 });
  expect(booked.map(([number, { costUsd }]) => [number, costUsd])).toEqual([
    [1, 1],
    [2, 1],
  ]);
});
