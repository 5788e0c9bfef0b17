import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { killDuringCall } from "../test-support/kill-during-call.ts";
import { takeLeasesAway } from "../test-support/leases.ts";
import { setScene } from "../test-support/scene.ts";
import { question } from "../test-support/test-runtime.ts";

// The next worker gets the run when the lease of the killed one has lapsed, which takes seconds.
describe.concurrent("a worker process that is killed", () => {
  test.for([
    { nth: 1, whose: "the researcher's first", replays: 0 },
    { nth: 2, whose: "the researcher's second", replays: 1 },
    { nth: 3, whose: "the validator's", replays: 0 },
    { nth: 4, whose: "the executor's", replays: 0 },
  ])("in the middle of $whose call loses that call alone", async ({ nth, replays }, { expect }) => {
    await using scene = await setScene();
    const ended = await killDuringCall(scene, { nth, replays, expect });
    expect(ended).toMatchObject({ status: "succeeded", executions: 2, worker: "second" });
  });
});

describe.concurrent("a run that kills its workers", () => {
  test("is given up after three of them, holds up no other run, and continues when it is repaired", async ({
    expect,
  }) => {
    const folder = await mkdtemp(join(tmpdir(), "orchestra-deadly-"));
    const remedy = join(folder, "remedy");
    try {
      await using scene = await setScene();
      const { runtime, database } = scene;
      const deadly = await runtime.start("deadly", { unless: remedy });
      const others = [];
      for (let number = 1; number <= 5; number += 1) {
        others.push((await runtime.start("answer", { task: `${question.task} ${number}` })).id);
      }
      for (const name of ["first", "second", "third"]) {
        await using process = await scene.startProcess(name);
        await process.gone;
        await takeLeasesAway(database);
      }
      await using _ = await scene.startProcess("fourth");
      const ended = await runtime.wait(deadly.id);
      expect(ended).toMatchObject({
        status: "failed",
        isDeadLetter: true,
        executions: 3,
        error: { name: "WorkerLostError", code: "worker_lost" },
      });
      expect((await runtime.list({ deadLetters: true })).runs).toMatchObject([{ id: deadly.id }]);
      const story = (await Array.fromAsync(runtime.events(deadly.id))).map((event) =>
        "worker" in event ? `${event.type} ${event.worker}` : event.type,
      );
      expect(story).toEqual([
        "run-queued",
        "run-start first",
        "run-lost first",
        "run-start second",
        "run-lost second",
        "run-start third",
        "run-lost third",
        "run-end",
      ]);
      const letters = await database.query(
        `SELECT data FROM "${database.schema}_queue".job WHERE name = 'dead-letters'`,
      );
      expect(letters).toMatchObject([
        { data: { runId: deadly.id, worker: "third", code: "worker_lost" } },
      ]);
      for (const id of others) {
        expect(await runtime.wait(id)).toMatchObject({ status: "succeeded" });
      }

      await writeFile(remedy, "");
      await runtime.resume(deadly.id);
      expect(await runtime.wait(deadly.id)).toMatchObject({
        status: "succeeded",
        isDeadLetter: false,
        output: { answer: "alive" },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
