import type { OrchestraEvent } from "@orchestra/core";
import { expect, test } from "vitest";
import type { NewEvent } from "../events/index.ts";
import type { RunStore } from "../runs/index.ts";
import { Recorder } from "./recorder.ts";

const ofCall = { runId: "run", callId: "call", role: "writer" };
const text = (piece: string, attempt = 1): OrchestraEvent => ({
  type: "text-delta",
  attempt,
  text: piece,
  ...ofCall,
});
const object = (partial: object, callId = "call"): OrchestraEvent => ({
  type: "object-delta",
  attempt: 1,
  partial,
  ...ofCall,
  callId,
});

test("pieces of a text are written as one, and of an object the last", async () => {
  const written: NewEvent[] = [];
  const store = {
    record: async (_write: unknown, _changes: unknown, events: readonly NewEvent[]) => {
      written.push(...events);
      return true;
    },
  } as unknown as RunStore;
  const onError = (error: unknown) => {
    throw error;
  };
  const recorder = new Recorder({
    store,
    runId: "run",
    execution: 1,
    onLost: () => undefined,
    onError,
  });
  for (const event of [
    text("Hel"),
    text("lo"),
    text("Hello", 2),
    object({ a: "x" }),
    object({ a: "xy" }),
    object({ b: "z" }, "other"),
  ]) {
    recorder.hear(event);
  }
  await recorder.flush();
  expect(written).toEqual([
    text("Hello"),
    text("Hello", 2),
    object({ a: "xy" }),
    object({ b: "z" }, "other"),
  ]);
});
