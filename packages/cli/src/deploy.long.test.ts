import { join } from "node:path";
import { expect, test } from "vitest";
import { startCli } from "./test-support/start-cli.ts";
import { question, startStage } from "./test-support/start-stage.ts";

test("the project deploy/worker answers a question from its documents", async () => {
  await using stage = await startStage();
  const { environment, runtime } = stage;
  const folder = join(import.meta.dirname, "../../../deploy/worker");
  await using worker = startCli(["worker"], { folder, environment });
  const { id } = await runtime.start("answer", question);
  expect(await runtime.wait(id)).toMatchObject({
    status: "succeeded",
    output: { citations: [expect.objectContaining({ path: "harbour.md" })] },
  });
  worker.stop("SIGTERM");
  expect(await worker.done).toMatchObject({ code: 0 });
});
