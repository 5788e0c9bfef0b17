import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInstalled, type Program } from "../installed/run-installed.ts";
import { installTrees, theirs, type Tree } from "../installed/trees.ts";
import { median, medianRatio } from "../measure/statistics.ts";
import { benchModel } from "../servers/canned.ts";
import { startChild } from "../servers/child.ts";
import { key } from "./environments.ts";

export interface InstalledStart {
  readonly name: string;
  /** From the start of the process to its end. */
  readonly ms: number;
  /** Times as long as `node -e 0`. */
  readonly vsNode: number;
}

export interface InstalledSize {
  readonly name: string;
  readonly packages: number;
  readonly mb: number;
}

/** Of `@orchestra/core` over one of the others. */
export interface InstalledRatios {
  readonly name: string;
  /** Of the time of an import. */
  readonly time: number;
  /** Of the MB that npm installs. */
  readonly size: number;
}

export interface InstalledResult {
  readonly rounds: number;
  readonly starts: readonly InstalledStart[];
  readonly sizes: readonly InstalledSize[];
  readonly ratios: readonly InstalledRatios[];
  /** What could not be installed, and why. */
  readonly problems: readonly string[];
}

/** How fast what users install starts, and how large it is. */
export async function benchInstalled({
  quick,
}: {
  readonly quick: boolean;
}): Promise<InstalledResult> {
  const trees = await installTrees();
  await using server = await startChild<{ url: string }>("completions.ts");
  const programs = await programsOf(trees, `${server.address.url}/short`);
  const rounds = quick ? 7 : 21;
  const times = await takeTurns(programs, rounds);

  const of = (name: string) => times.get(name) ?? [];
  const starts = programs.map(({ name }) => ({
    name,
    ms: median(of(name)),
    vsNode: medianRatio(of(name), of(nodeAlone)),
  }));
  const sizes = [...trees.values()].flatMap(({ name, size }) => (size ? [{ name, ...size }] : []));
  const ownSize = trees.get("@orchestra/core")?.size?.mb ?? Number.NaN;
  const ratios = Object.keys(theirs).flatMap((name): InstalledRatios[] => {
    const tree = trees.get(name);
    if (tree?.size === undefined) return [];
    const time = medianRatio(of(nameOfImport("@orchestra/core")), of(nameOfImport(name)));
    return [{ name: tree.name, time, size: ownSize / tree.size.mb }];
  });
  const problems = [...trees.values()].flatMap(({ name, problem }) =>
    problem === undefined ? [] : [`${name} could not be installed: ${problem}`],
  );
  return { rounds, starts, sizes, ratios, problems };
}

const nodeAlone = "node -e 0";
const nameOfImport = (name: string) => `import "${name}"`;

async function programsOf(
  trees: ReadonlyMap<string, Tree>,
  serverUrl: string,
): Promise<readonly Program[]> {
  const treeOf = (name: string) => {
    const tree = trees.get(name);
    if (tree?.size === undefined) throw new Error(`${name} is not installed: ${tree?.problem}`);
    return tree.folder;
  };
  const [core, cli] = [treeOf("@orchestra/core"), treeOf("@orchestra/cli")];
  const env = { OPENROUTER_API_KEY: key, OPENROUTER_BASE_URL: serverUrl };
  const command = (...args: readonly string[]) => ({
    name: `orchestra ${args.join(" ")}`,
    args: ["node_modules/@orchestra/cli/bin/orchestra.js", ...args],
    folder: cli,
    env,
  });
  const installed = Object.keys(theirs).filter((name) => trees.get(name)?.size);
  return [
    { name: nodeAlone, args: ["-e", "0"], folder: core },
    command("--help"),
    command("doctor", "--lint"),
    importOf("@orchestra/core", core),
    {
      name: "@orchestra/core, to its first answer",
      args: [await copyProgram(core), serverUrl, key, benchModel, "silent"],
      folder: core,
    },
    ...installed.map((name) => importOf(name, treeOf(name))),
  ];
}

function importOf(name: string, folder: string): Program {
  return {
    name: nameOfImport(name),
    args: ["--input-type=module", "--eval", nameOfImport(name)],
    folder,
  };
}

/** The program of the bench `start`, where it finds the installed package. */
async function copyProgram(folder: string): Promise<string> {
  for (const file of ["orchestra.mjs", "report-answer.mjs"]) {
    const source = new URL(`../start/${file}`, import.meta.url);
    await copyFile(fileURLToPath(source), join(folder, file));
  }
  return join(folder, "orchestra.mjs");
}

/** Milliseconds by the name of the program, one figure for each round. */
async function takeTurns(
  programs: readonly Program[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>(programs.map(({ name }) => [name, []]));
  // The first run of each reads its files from the disk.
  for (const program of programs) await runInstalled(program);
  for (let round = 0; round < rounds; round += 1) {
    // Each round in the other order.
    for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
      times.get(program.name)?.push(await runInstalled(program));
    }
  }
  return times;
}
