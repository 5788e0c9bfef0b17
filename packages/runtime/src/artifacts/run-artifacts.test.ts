import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ArtifactsFolderError } from "../errors/index.ts";
import { openOnServer } from "../test-support/databases.ts";
import { pipelineOf, startTestRuntime } from "../test-support/test-runtime.ts";
import { RunArtifacts } from "./run-artifacts.ts";

/** Paths in a new folder that cannot be a folder of artifacts. */
async function makeUnusable() {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-artifacts-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [file, circle] = [join(folder, "file"), join(folder, "circle")];
  await writeFile(file, "");
  await symlink(circle, circle);
  return { "a file": file, "below a file": join(file, "artifacts"), "a circle of links": circle };
}

test.each(["a file", "below a file", "a circle of links"] as const)(
  "a folder of artifacts that is %s is reported with its path and what to set",
  async (kind) => {
    const root = (await makeUnusable())[kind];
    const artifacts = new RunArtifacts(root);
    for (const use of [
      () => artifacts.list("run"),
      () => artifacts.open("run", "a.md"),
      () => artifacts.delete("run"),
    ]) {
      const error: unknown = await use().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toSatisfy(ArtifactsFolderError.isInstance);
      expect(error).toMatchObject({ path: expect.stringContaining(root) });
      expect(String(error)).toMatch(/Set ORCHESTRA_ARTIFACTS_DIR \(in code: settings\./);
    }
  },
);

test.each([
  ["EACCES", true],
  ["EROFS", true],
  ["EMFILE", false],
])("of the errors of the file system, %s is explained: %s", (code, isExplained) => {
  const error = Object.assign(new Error("failed"), { code });
  expect(ArtifactsFolderError.explain(error, "/artifacts") !== error).toBe(isExplained);
});

test("a run whose artifacts cannot be deleted is kept", async () => {
  const { "a file": artifactsDir } = await makeUnusable();
  const echo = pipelineOf("echo", (input) => input);
  await using t = await startTestRuntime({ database: await openOnServer(), pipelines: [echo] });
  await t.runtime.work();
  const { id } = await t.runtime.start("echo", 1);
  await t.runtime.wait(id);
  const other = await t.another({ settings: { artifactsDir } });
  await expect(other.artifacts(id)).rejects.toThrow(ArtifactsFolderError);
  await expect(other.delete(id)).rejects.toThrow(ArtifactsFolderError);
  expect(await other.get(id)).toMatchObject({ status: "succeeded" });
});
