import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const config = `
const fail = { invoke: async () => { throw new Error("down"); } };
export default { pipelines: [{ name: "mine", create: () => fail }] };
`;

test("on the embedded database, runs watch does not wait for a run whose pipeline is not in the config", async () => {
  await using folder = await temporaryFolder();
  const orchestra = (...args: string[]) =>
    runHere(args, { folder: folder.path, environment: { OPENROUTER_API_KEY: "sk-or-v1-test" } });
  const file = join(folder.path, "orchestra.config.ts");
  await writeFile(file, config);
  const failed = await orchestra("run", "x", "--json");
  expect(failed).toMatchObject({ code: 1 });
  const { id } = JSON.parse(failed.stdout) as Run;

  await rm(file);
  const unknown = /the pipeline\s+mine,\s+version\s+1,\s+is\s+not\s+in\s+the\s+config/;
  const retried = await orchestra("runs", "retry", id);
  expect(retried).toMatchObject({ code: 0, stderr: expect.stringMatching(unknown) });
  const shown = await orchestra("runs", "show", id);
  expect(shown.stderr).toMatch(unknown);
  expect(shown.stderr).not.toContain("orchestra runs watch");
  const watched = await orchestra("runs", "watch", id);
  expect(watched).toMatchObject({ code: 2, stderr: expect.stringMatching(unknown) });
});
