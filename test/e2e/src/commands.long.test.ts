import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import rootPackage from "../../../package.json" with { type: "json" };

const root = join(import.meta.dirname, "../../..");
const pages = globSync(["README.md", "docs/**/*.md", "{packages,apps}/*/README.md"], { cwd: root });

/** Commands that run until they are stopped, or that other tests cover. */
const isLong = /\bworker\b|--durable|--resume|^npx -y pnpm@12 sandbox/;
const scripts: Readonly<Record<string, string>> = rootPackage.scripts;

/** Commands of ours that the pages show in `bash` blocks, each once, with what runs them here. */
const commands = new Map(
  pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    return [...text.matchAll(/^```bash\n(.*?)^```$/gms)].flatMap(([, code = ""]) =>
      code
        .split("\n")
        .filter((line) => !isLong.test(line))
        .flatMap((line): [string, string][] => {
          const run = runnerOf(line);
          return run === undefined ? [] : [[line, run]];
        }),
    );
  }),
);

/** The same command from the sources, instead of `npx`, which would ask the registry. */
function runnerOf(line: string): string | undefined {
  const [, script = "", args = ""] =
    /^npx -y pnpm@12 (demo|orchestra|program)\b(.*)$/.exec(line) ??
    /^(?:npx @orchestra\/cli|npx (orchestra))()(.*)$/.exec(line)?.toSpliced(1, 2, "orchestra") ??
    [];
  const command = scripts[script];
  return command?.replaceAll(/(apps|packages)\//g, `${root}/$1/`).concat(args);
}

describe("the commands of the docs", { timeout: 180_000 }, () => {
  let folder: string;
  let sandbox: Sandbox;

  beforeAll(async () => {
    sandbox = await startSandbox({ limits: { tier: "pro" } });
    folder = await mkdtemp(join(tmpdir(), "commands-"));
    await mkdir(join(folder, "documents"));
    const text = "# Vell\n\nThe lighthouse was built in 1871.\n";
    await writeFile(join(folder, "documents/vell.md"), text);
  });
  afterAll(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });

  test("are found", () => {
    expect(commands.size).toBeGreaterThan(8);
  });

  test.each([...commands])("%s", async (line, command) => {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
    // Commands with files of the repository run there, the others in an empty folder.
    const cwd = /program|--docs docs/.test(line) ? root : folder;
    const { stdout } = await promisify(execFile)("bash", ["-c", command], {
      cwd,
      env: {
        PATH: `${join(process.execPath, "..")}:${PATH}`,
        HOME,
        NODE_COMPILE_CACHE,
        ORCHESTRA_HOME: join(folder, "home"),
        OPENROUTER_API_KEY: "sk-or-v1-0123456789",
        OPENROUTER_BASE_URL: sandbox.url,
        PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
        LOG_LEVEL: "error",
      },
    });
    expect(stdout).not.toBe("");
  });
});
