import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { InstallCase } from "./cases.ts";
import { oldestNode } from "./oldest-node.ts";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

const strict = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: "es2022",
  types: ["node"],
};

/** Type-checks the project's programs and all declarations that they reach, in both kinds of projects. */
export async function checkTypes(folder: string, { env }: Toolchain): Promise<void> {
  const kinds = [
    ["nodenext", { module: "nodenext" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ] as const;
  for (const [kind, options] of kinds) {
    const config = { compilerOptions: { ...strict, ...options }, include: ["*.ts"] };
    const file = `tsconfig.${kind}.json`;
    await writeFile(join(folder, file), JSON.stringify(config));
    await run("node", [join(folder, "node_modules/typescript/bin/tsc"), "-p", file], {
      cwd: folder,
      env,
    });
  }
}

/** Runs the programs and the commands against a sandbox. */
export async function checkPrograms(
  folder: string,
  programs: readonly string[],
  { node }: InstallCase,
  { env: base }: Toolchain,
  sandboxUrl: string,
): Promise<void> {
  const env = {
    ...base,
    OPENROUTER_API_KEY: "sk-or-v1-install",
    OPENROUTER_BASE_URL: sandboxUrl,
    LOG_LEVEL: "silent",
    LLM_MAX_RETRIES: "0",
  };
  const flags = node.startsWith(oldestNode) ? ["--experimental-strip-types"] : [];
  for (const program of programs) {
    const { stdout } = await run("node", [...flags, program], { cwd: folder, env });
    if (stdout.trim() === "") throw new Error(`${program} printed nothing in ${folder}`);
  }
  const command = join(folder, "node_modules/.bin/orchestra");
  const help = await run(command, ["--help"], { cwd: folder, env });
  if (!help.stdout.includes("Usage: orchestra")) throw new Error(`no help: ${help.output}`);
  const doctor = await run(command, ["doctor"], { cwd: folder, env, mayFail: true });
  if (doctor.code !== 0) throw new Error(`orchestra doctor finds errors:\n${doctor.output}`);
}

/** A Node.js that is too old gets one error, from the command and from an import. */
export async function checkOldNode(folder: string, { env }: Toolchain): Promise<void> {
  const imports = ["core", "tools/documents", "runtime", "server", "sandbox"].map((name) => [
    "--input-type=module",
    "--eval",
    `import "@orchestra/${name}"`,
  ]);
  const command = [join(folder, "node_modules/@orchestra/cli/bin/orchestra.js"), "--help"];
  for (const args of [...imports, command]) {
    const { code, output } = await run("node", args, { cwd: folder, env, mayFail: true });
    const isRefused = output.includes(`: expected ${oldestNode} or newer, this is`);
    if (code !== 1 || !isRefused || output.includes("SyntaxError")) {
      throw new Error(`node ${args.join(" ")} ended with ${code} on an old Node.js:\n${output}`);
    }
  }
}

/** Packages of the tree that run a script when they are installed, as npm's lock file has them. */
export async function installScriptsOf(folder: string): Promise<readonly string[]> {
  const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  const withScripts = Object.entries(lock.packages).filter(([, entry]) => entry.hasInstallScript);
  return withScripts.map(([path]) => path);
}
