import { access, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { escapeControls } from "@orchestra/core";
import type { Surroundings } from "../surroundings.ts";
import { projectFiles } from "./project-files.ts";

export interface InitOptions {
  /** Replace files that are there. */
  readonly force?: boolean | undefined;
}

/** Writes the files of a small project, and says which. */
export async function writeProject(
  folder: string,
  { force = false }: InitOptions,
  { folder: workingFolder, stdout }: Surroundings,
): Promise<void> {
  const root = resolve(workingFolder, folder);
  const files = projectFiles(basename(root), await isInWorkspace(root));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    await mkdir(dirname(path), { recursive: true });
    const isWritten = await write(path, text, force);
    stdout.write(`${isWritten ? "wrote" : "kept "} ${escapeControls(join(folder, name))}\n`);
  }
  stdout.write(`\n${nextSteps(folder)}\n`);
}

/** Whether a folder above is a pnpm workspace that has this package among its own. */
async function isInWorkspace(folder: string): Promise<boolean> {
  const parent = dirname(folder);
  const paths = ["pnpm-workspace.yaml", "packages/cli/package.json"];
  const found = await Promise.all(
    paths.map((path) =>
      access(join(parent, path)).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (found.every(Boolean)) return true;
  return parent === folder ? false : isInWorkspace(parent);
}

/** @returns whether the file was written; without force, one that is there is kept */
async function write(path: string, text: string, force: boolean): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: force ? "w" : "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function nextSteps(folder: string): string {
  return [
    "Next:",
    ...(folder === "." ? [] : [`  cd ${escapeControls(folder)}`]),
    "  npm install",
    "  cp .env.example .env     # and set your key",
    "  npx orchestra doctor",
    '  npx orchestra run "Explain what a lighthouse is"',
    '  node --env-file=.env ask.ts "Explain what a lighthouse is"',
  ].join("\n");
}
