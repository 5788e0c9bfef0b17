import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import type { RunEvent } from "../events/index.ts";
import type { Runtime } from "../runtime.ts";
import { killDuringCall } from "../test-support/kill-during-call.ts";
import { lapseLeases, takeLeasesAway } from "../test-support/leases.ts";
import { setScene } from "../test-support/scene.ts";
import { question } from "../test-support/test-runtime.ts";

async function eventsOf(runtime: Runtime, id: string): Promise<RunEvent[]> {
  return Array.fromAsync(runtime.events(id));
}

describe.concurrent("a worker process that is killed", () => {
  // The other calls, and how long a lease takes to lapse: crash.long.test.ts.
  test("in the middle of a call loses that call alone", async ({ expect }) => {
    await using scene = await setScene();
    const afterKill = () => lapseLeases(scene.database);
    const ended = await killDuringCall(scene, { nth: 2, replays: 1, afterKill, expect });
    expect(ended).toMatchObject({ status: "succeeded", executions: 2, worker: "second" });
  });
});

describe.concurrent("a run that kills its workers", () => {
  test("is given up after three of them, holds up nobody, and goes on when it is mended", async ({
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
      const story = (await eventsOf(runtime, deadly.id)).map((event) =>
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
