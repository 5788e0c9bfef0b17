import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { expect, test } from "vitest";
import { runAtTheGate, startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra worker does not wait for a database for ever when it is to stop", async () => {
  await using folder = await temporaryFolder();
  const server = await startPostgres({ folder: join(folder.path, "postgres") });
  try {
    await using stage = await startStage(server.url);
    await using worker = stage.startWorker(["--grace", "1"], { GATE: stage.gate });
    const id = await runAtTheGate(stage);
    await server.stop();
    worker.stop("SIGTERM");
    const { code, stderr } = await worker.done;
    expect(code).toBe(75);
    expect(stderr).toContain("could not hand back its runs: the database does not answer");

    await server.start();
    await using _other = stage.startWorker();
    expect(await stage.runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 2 });
  } finally {
    await server.stop();
  }
}, 180_000);
