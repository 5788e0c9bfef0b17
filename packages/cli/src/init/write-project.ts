import { writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { escapeControls, files } from "@orchestra/core/extend";
import { quote } from "../command-line.ts";
import type { CommandContext } from "../command-context.ts";
import { writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import { isPublished } from "./is-published.ts";
import { findPackageSource, howToPack, ownRange, type PackageSource } from "./package-source.ts";
import { projectFiles } from "./project-files.ts";
import { checkEmpty, prepareProjectFolder } from "./project-folder.ts";

export interface InitOptions {
  /** Write into a folder that is not empty, and replace files of the same names. */
  readonly force?: boolean | undefined;
  /** Folder with packed packages, or a clone of the repository. */
  readonly from?: string | undefined;
}

/**
 * Writes the files of a small project, and prints their names and the next steps.
 *
 * @throws {UsageError} for a folder that is not empty or cannot be written to, and if the packages are not found
 * @throws {Error} for a file that cannot be written
 */
export async function writeProject(
  folder: string,
  { force = false, from }: InitOptions,
  { folder: workingFolder, environment, signal, stdout, stderr }: CommandContext,
): Promise<void> {
  const root = resolve(workingFolder, folder);
  if (!force) await checkEmpty(root);
  await using place = await prepareProjectFolder(root);
  const named = from === undefined ? undefined : resolve(workingFolder, from);
  const source = await findPackageSource(root, named);
  if (source.kind === "registry") {
    const published = await isPublished(environment, signal);
    if (published === false) throw new UsageError(notPublished);
    if (published === undefined) writeProse(stderr, notAsked);
  }
  place.keep();
  for (const [name, text] of Object.entries(projectFiles(basename(root), source))) {
    const isNew = await write(join(root, name), text);
    stdout.write(`${isNew ? "wrote" : "replaced"} ${escapeControls(join(folder, name))}\n`);
  }
  stdout.write(`\n${nextSteps(folder, source)}\n`);
}

const notPublished = `@orchestra/cli ${ownRange} is not on npm: the project could not be installed, so nothing was written. Use packages from a folder: orchestra init --from <folder>. ${howToPack}`;

const notAsked = `npm did not say whether @orchestra/cli ${ownRange} is on the registry. If npm install does not find it, use orchestra init --force --from <folder>.`;

/** @returns whether the file is a new one */
async function write(path: string, text: string): Promise<boolean> {
  try {
    await files.makeFolder(dirname(path));
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritten(path, error);
  }
  try {
    await writeFile(path, text);
    return false;
  } catch (error) {
    throw notWritten(path, error);
  }
}

function notWritten(path: string, cause: unknown): Error {
  return new Error(`The file ${path} could not be written: ${files.describeFileError(cause)}.`, {
    cause,
  });
}

function nextSteps(folder: string, { kind }: PackageSource): string {
  const isClone = kind === "clone";
  const orchestra = isClone ? "npm run orchestra --" : "npx orchestra";
  return [
    "Next:",
    ...(folder === "." ? [] : [`  cd ${escapeControls(quote(folder))}`]),
    // npm does not support dependencies with `link:`.
    isClone ? "  npx -y pnpm@12 install" : "  npm install",
    "  npm test                 # against the sandbox, without a key",
    "  cp .env.example .env     # and set your key",
    `  ${orchestra} doctor`,
    '  npm start -- "Explain what a lighthouse is"',
    `  ${orchestra} run "Explain what a lighthouse is"`,
  ].join("\n");
}
