import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  buildAll,
  installTree,
  packAll,
  toolchain,
  treeSize,
  withOwnDependencies,
  type TreeSize,
} from "@orchestra/test-install";

const root = join(import.meta.dirname, "../../../..");
const cache = join(root, "node_modules/.cache");
const folder = join(cache, "bench-installed");

/** Of which the installed size is compared. */
const ours = ["@orchestra/core", "@orchestra/tools", "@orchestra/cli"] as const;

/** Fixed versions, outside the lock file: they are measured, not used. */
export const theirs = {
  langchain: "1.5.14",
  "@mastra/core": "1.71.0",
  "@openai/agents": "0.20.0",
} as const;

/** A package in an empty folder, with everything that npm installs for it. */
export interface Tree {
  /** With its version, where it is not ours. */
  readonly name: string;
  readonly folder: string;
  /** Absent where it could not be installed. */
  readonly size?: TreeSize | undefined;
  /** Why it could not be installed. */
  readonly problem?: string | undefined;
}

/** Packs our packages, and installs them and the others. What cannot be installed has a `problem`. */
export async function installTrees(): Promise<ReadonlyMap<string, Tree>> {
  await buildAll(root);
  const tarballs = await packAll(root, join(folder, "tarballs"));
  const { env } = await toolchain(join(cache, "test-install"), "24");
  const trees = new Map<string, Tree>();
  const install = async (name: string, label: string, specs: readonly string[]) => {
    const tree = { name: label, folder: join(folder, name.replace("/", "-")) };
    try {
      await installTree(tree.folder, specs, env);
      trees.set(name, { ...tree, size: await treeSize(tree.folder) });
    } catch (error) {
      trees.set(name, { ...tree, problem: firstErrorOf(error) });
    }
  };
  for (const name of ours) {
    // The version of a tarball is always the same: npm would keep what an older one has left.
    await rm(join(folder, name.replace("/", "-")), { recursive: true, force: true });
    await install(name, name, await withOwnDependencies(name, tarballs));
  }
  for (const [name, version] of Object.entries(theirs)) {
    // Asked for by all of them as a peer.
    await install(name, `${name} ${version}`, [`${name}@${version}`, "zod@4.4.0"]);
  }
  return trees;
}

function firstErrorOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^npm error .*/m.exec(text)?.[0] ?? text.split("\n")[0] ?? text;
}
