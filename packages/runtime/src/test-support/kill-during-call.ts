import type { ExpectStatic } from "vitest";
import type { RunEvent } from "../events/index.ts";
import type { Scene } from "./scene.ts";
import type { Run } from "../runs/index.ts";
import { question } from "./test-runtime.ts";

export interface KillOptions {
  /** The call during which the worker is killed, from 1. */
  readonly nth: number;
  /** Calls that the next worker takes from the journal. */
  readonly replays: number;
  readonly expect: ExpectStatic;
}

/**
 * Kills a worker process in the middle of a call; another worker finishes the run and repeats only that call.
 *
 * @returns the run when it has ended
 */
export async function killDuringCall(scene: Scene, options: KillOptions): Promise<Run> {
  const { nth, replays, expect } = options;
  const { runtime, sandbox } = scene;
  sandbox.order({ fault: "hang", after: nth - 1, times: 1 });
  await using first = await scene.startProcess("first");
  const run = await runtime.start("answer", question);
  await expect.poll(() => sandbox.books.entries.length).toBe(nth);
  await first.kill();

  await runtime.work({ name: "second" });
  const ended = await runtime.wait(run.id);
  expect(ended.output).toMatchObject({ answer: expect.stringContaining("1871") });

  const asked = sandbox.books.entries.map(({ body }) => JSON.stringify(body));
  expect(asked).toHaveLength(5);
  expect(asked[nth]).toBe(asked[nth - 1]);
  expect(new Set(asked).size).toBe(4);
  // The cost from before the kill is in the run's account once.
  const answered = sandbox.books.entries.filter(({ status }) => status === 200);
  const paid = answered.reduce((sum, { promptTokens }) => sum + promptTokens, 0);
  expect(ended.usage).toMatchObject({ calls: 4, promptTokens: paid });

  const events = await Array.fromAsync(runtime.events(run.id));
  expect(events.map(({ number }) => number)).toEqual(events.map((_, index) => index + 1));
  const count = (type: RunEvent["type"]) => events.filter((event) => event.type === type).length;
  expect(count("run-end")).toBe(1);
  expect(count("call-replay")).toBe(replays);
  expect(events.find(({ type }) => type === "run-lost")).toMatchObject({ worker: "first" });
  return ended;
}
