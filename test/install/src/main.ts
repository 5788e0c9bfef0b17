import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startSandbox } from "@orchestra/sandbox";
import { createCommand } from "@orchestra/test-command";
import { cases, tooOld, type InstallCase } from "./cases.ts";
import { checkInit } from "./check-init.ts";
import { checkOldNode, checkPrograms, checkTypes, installScriptsOf } from "./check-project.ts";
import { checkReadme } from "./check-readme.ts";
import { checkTarball } from "./check-tarball.ts";
import { buildAll, packAll, type Tarballs } from "./pack.ts";
import { complaints, installProject, writeExamples } from "./project.ts";
import { run } from "./run.ts";
import { checkPacked, checkTrees } from "./sizes.ts";
import { toolchain } from "./toolchain.ts";

const command = createCommand(
  "pnpm test:install",
  "Packs the packages, installs them in empty folders by npm and pnpm, and runs the READMEs' code there.",
).option("--keep <folder>", "where the tarballs are kept");

const { keep } = command.parse().opts();
const root = join(import.meta.dirname, "../../..");
const tools = join(root, "node_modules/.cache/test-install");
const work = join(tmpdir(), `orchestra-install-${process.pid}`);
const problems: string[] = [];

/** Runs one check, and keeps what is wrong for the end. */
async function check(title: string, body: () => Promise<readonly string[] | void>): Promise<void> {
  const startedAt = performance.now();
  const found = await body().catch((error: unknown) => [
    error instanceof Error ? error.message : String(error),
  ]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stdout.write(`${found?.length ? "✖" : "✔"} ${title} (${seconds} s)\n`);
  problems.push(...(found ?? []).map((problem) => `${title}: ${problem}`));
}

async function checkCase(install: InstallCase, tarballs: Tarballs, url: string): Promise<void> {
  const { manager, node, peers, typescript } = install;
  const title = `${manager}, Node.js ${node}, ${peers} peers, TypeScript ${typescript}`;
  const folder = join(work, `${manager}-${node}`);
  const tool = await toolchain(tools, node);
  await check(`${title}: install`, async () => {
    const found = complaints(await installProject(folder, install, tarballs, tool));
    if (manager === "pnpm") await run("pnpm", ["peers", "check"], { cwd: folder, env: tool.env });
    const scripts = manager === "npm" ? await installScriptsOf(folder) : [];
    return [...found, ...scripts.map((path) => `${path} has an install script`)];
  });
  const readme = await writeExamples(root, folder, ["README.md", "packages/core/README.md"]);
  await check(`${title}: programs`, () => checkPrograms(folder, readme, install, tool, url));
  await writeExamples(root, folder, [
    "README.md",
    "packages/core/README.md",
    "packages/runtime/README.md",
    "packages/cli/README.md",
  ]);
  await check(`${title}: types`, () => checkTypes(folder, tool));
  await check(`${title}: orchestra init`, () => checkInit(folder, packed, install, tool, url));
}

const packed = keep === undefined ? join(work, "tarballs") : resolve(keep);

await check("build", () => buildAll(root));
const tarballs = await packAll(root, packed);
for (const [name, path] of Object.entries(tarballs)) {
  await check(`tarball of ${name}`, () => checkTarball(path));
}
await check("size of the tarballs", () => checkPacked(tarballs));
await check("size of what is installed", async () =>
  checkTrees(work, tarballs, await toolchain(tools, "24")),
);
await check("the README's commands", async () =>
  checkReadme(root, join(work, "readme"), await toolchain(tools, "24")),
);
const sandbox = await startSandbox();
for (const install of cases) await checkCase(install, tarballs, sandbox.url);
for (const version of tooOld) {
  await check(`Node.js ${version} is refused`, async () => {
    await checkOldNode(join(work, "npm-26"), await toolchain(tools, version));
  });
}
await sandbox.close();
await rm(work, { recursive: true, force: true });

if (problems.length > 0) {
  process.stderr.write(`\n${problems.join("\n\n")}\n`);
  process.exitCode = 1;
}
