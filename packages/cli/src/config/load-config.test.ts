import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

/** Starts a worker in a folder with this config, or without one. Returns its exit code and its output. */
async function endOf(
  config?: string,
  {
    args = [],
    environment = {},
    name = "orchestra.config.ts",
  }: { args?: string[]; environment?: NodeJS.ProcessEnv; name?: string } = {},
) {
  await using folder = await temporaryFolder();
  if (config !== undefined) await writeFile(join(folder.path, name), config);
  const ended = await runHere(["worker", ...args], { folder: folder.path, environment });
  return { ...ended, folder: folder.path };
}

describe("loadConfig()", () => {
  test("without a config, reports the folder and an example", async () => {
    const { code, stdout, stderr, folder } = await endOf();
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`no orchestra.config.ts, .js or .mjs in ${folder}; --config names`);
    expect(stderr).toContain("export default defineConfig({ pipelines: [chat] });");
  });

  test("reports a file of --config that does not exist", async () => {
    const { code, stderr, folder } = await endOf(undefined, { args: ["--config", "mine.ts"] });
    expect(code).toBe(2);
    expect(stderr).toBe(
      `There is no file ${join(folder, "mine.ts")} (--config). Check its path.\n`,
    );
  });

  test.each([
    ["throws", `\nthrow new RangeError("too far");`, "RangeError: too far (line 2)"],
    ["is not JavaScript", `export default {\n  pipelines: [\n};`, "SyntaxError"],
    [
      "imports a package that is not installed",
      `import "nowhere-at-all/deep";`,
      "Install it (npm install nowhere-at-all, or pnpm add nowhere-at-all), or correct its name.\n",
    ],
    [
      "imports a package of Orchestra that its folder does not have",
      `import "@orchestra/nowhere";`,
      "Move the config into a project that has the packages: orchestra init FOLDER writes one.\n",
    ],
  ])("reports without a stack trace a config that %s", async (_, config, message) => {
    const { code, stderr } = await endOf(config);
    expect(code).toBe(2);
    expect(stderr).toContain("orchestra.config.ts");
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n +at /);
  });

  test("is followed by an error of the worker if the config has no pipelines", async () => {
    const { code, stderr } = await endOf("export const agents = () => [];");
    expect(code).toBe(2);
    expect(stderr).toContain("The config has no pipelines: expected those whose runs the worker");
  });

  test("is followed by an error if the folder of the embedded database is a file", async () => {
    const { code, stderr } = await endOf("export const pipelines = [{ name: 'a', create() {} }];", {
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        ORCHESTRA_HOME: "orchestra.config.ts",
        LOG_LEVEL: "silent",
      },
    });
    expect(code).toBe(2);
    expect(stderr).toContain("cannot be stored in");
  });

  test("removes keys from the message that a config throws", async () => {
    const { stderr } = await endOf(`throw new Error("sk-or-v1-thrown9f8e7d6c5b4a is refused");`);
    expect(stderr).toMatch(/\[redacted\] is refused/);
    expect(stderr).not.toContain("9f8e7d6c5b4a");
  });

  test("loads JavaScript, after which all invalid settings are reported", async () => {
    const { code, stderr } = await endOf("export const pipelines = [{ name: 'a', create() {} }];", {
      name: "orchestra.config.mjs",
      environment: { LLM_MAX_RETRIES: "many", DATABASE_URL: "mysql://root:hunter22@db/x" },
    });
    expect(code).toBe(2);
    for (const name of ["LLM_MAX_RETRIES", "OPENROUTER_API_KEY", "DATABASE_URL"]) {
      expect(stderr).toContain(name);
    }
    expect(stderr).not.toContain("hunter22");
  });
});
