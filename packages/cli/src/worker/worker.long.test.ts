import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { expect, test } from "vitest";
import { config } from "../test-support/run-at.ts";
import { startCli } from "../test-support/start-cli.ts";
import { runAtTheGate, startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test.for<readonly string[]>([["worker"], ["serve", "--port", "0"]])(
  "orchestra %s does not wait for a database forever when it stops",
  { timeout: 180_000 },
  async (command) => {
    await using folder = await temporaryFolder();
    const server = await startPostgres({ folder: join(folder.path, "postgres") });
    try {
      await using stage = await startStage(server.url);
      await using running = startCli([...command, "--grace", "1", "--config", config], {
        folder: stage.folder,
        environment: { ...stage.environment, GATE: stage.gate },
      });
      const id = await runAtTheGate(stage);
      await server.stop();
      running.stop("SIGTERM");
      const { code, stderr } = await running.done;
      expect(code).toBe(75);
      expect(stderr).toContain("could not hand back its runs: the database does not answer");

      await server.start();
      await using _other = stage.startWorker();
      expect(await stage.runtime.wait(id)).toMatchObject({ status: "succeeded", executions: 2 });
    } finally {
      await server.stop();
    }
  },
);
