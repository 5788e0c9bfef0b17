import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lowestPeers, type InstallCase } from "./cases.ts";
import type { Tarballs } from "./pack.ts";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

/** pnpm links no more than a project lists: the README says that a program's own imports belong there. */
const importedByExamples = { "@langchain/core": "^1", "@langchain/langgraph": "^1", zod: "^4" };

/** Writes an empty folder's project that uses the packages, and installs it. */
export async function installProject(
  folder: string,
  { manager, peers, typescript }: InstallCase,
  tarballs: Tarballs,
  { env }: Toolchain,
): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "docs"), { recursive: true });
  const files = Object.fromEntries(
    Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]),
  );
  const project = {
    private: true,
    type: "module",
    dependencies: {
      ...files,
      ...(peers === "lowest" ? lowestPeers : importedByExamples),
    },
    devDependencies: { "@types/node": "^22", typescript },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(project, null, 2));
  // Between the tarballs, as the registry would have them.
  const workspace = { overrides: files, packages: ["."] };
  if (manager === "pnpm") {
    await writeFile(join(folder, "pnpm-workspace.yaml"), JSON.stringify(workspace));
  }
  const args = manager === "npm" ? ["--no-audit", "--no-fund"] : ["--no-frozen-lockfile"];
  const { output } = await run(manager, ["install", "--prefer-offline", ...args], {
    cwd: folder,
    env,
  });
  return output;
}

/** Lines of an install that a user would have to ask about. */
export function complaints(output: string): readonly string[] {
  return output
    .split("\n")
    .filter((line) =>
      /peer dep|unmet|ERESOLVE|EBADENGINE|Unsupported engine|deprecated|install.scripts|build scripts/i.test(
        line,
      ),
    );
}

/** The TypeScript code of pages, each block as a file of its own. */
export async function writeExamples(
  root: string,
  folder: string,
  pages: readonly string[],
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const page of pages) {
    const text = await readFile(join(root, page), "utf8");
    for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
      // A block that imports nothing, or a file of the reader, is a part of another program.
      if (!code.startsWith("import ") || /from "\.|from "vitest"/.test(code)) continue;
      const name = `example-${written.length}.ts`;
      await writeFile(join(folder, name), code);
      written.push(name);
    }
  }
  await copyFile(join(root, "docs/reliability.md"), join(folder, "docs/reliability.md"));
  return written;
}
