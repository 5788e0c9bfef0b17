import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { openDatabase, type Run } from "@orchestra/runtime";
import { unbroken, type Case, type CaseResult, type Lane } from "./case.ts";
import type { ChildOrders } from "./child.ts";
import { drive } from "./drive.ts";
import { nextKey, within } from "./limits.ts";
import { openSite, Witness, type Site } from "./site.ts";

/** Kills processes with an embedded database. The next process opens the same folder, and continues the run. */
export async function openKillingLane(home: string): Promise<Lane> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const scene: Scene = { site, home, origin: await runOrigin(site, home) };
  const all = stack.move();
  return {
    place: { backend: "pglite", harm: "kill" },
    countStatements: async (shape) => {
      const { output } = await runChild(scene, nextKey(), unbroken(shape, "kill"));
      return Number(output);
    },
    run: (broken) => kill(scene, broken),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Scene {
  readonly site: Site;
  /** Folder of the database. */
  readonly home: string;
  /** The run that forks are made from. */
  readonly origin: Run;
}

async function runOrigin(site: Site, home: string): Promise<Run> {
  await using database = await openDatabase({ home });
  return await site.runOrigin(database);
}

async function kill(scene: Scene, broken: Case): Promise<CaseResult> {
  const { site, home, origin } = scene;
  const shape = site.shapes[broken.shape];
  const witness = new Witness(site, origin);
  const key = nextKey();
  const { isKilled } = await runChild(scene, key, broken);
  const { database, runtime } = await site.openHome(home);
  try {
    await runtime.work({ concurrency: 1 });
    const run = await within(`a run of ${broken.shape}`, (signal) =>
      drive(runtime, { shape, key, origin: origin.id }, signal),
    );
    return { isBroken: isKilled, problems: await witness.examine(runtime, run, shape, "kill") };
  } finally {
    await runtime.close();
    await database.close();
  }
}

/** @throws {Error} if the process fails, instead of being killed or finishing its work */
async function runChild({ site, home, origin }: Scene, key: string, broken: Case) {
  const orders: ChildOrders = {
    home,
    key,
    origin: origin.id,
    // JSON has no Infinity.
    broken: { ...broken, statement: Math.min(broken.statement, Number.MAX_SAFE_INTEGER) },
    sandboxUrl: site.sandbox.url,
    worldUrl: site.world.url,
  };
  const child = spawn(
    process.execPath,
    [
      "--conditions=@orchestra/source",
      fileURLToPath(new URL("child.ts", import.meta.url)),
      JSON.stringify(orders),
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      // Without a cache, compiling the sources would take longer than a run.
      env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(home), "compiled") },
    },
  );
  const [output, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null, string | null]>,
  ]);
  if (code !== 0 && signal !== "SIGKILL") {
    throw new Error(`The process of a run ended with ${code ?? signal}: ${errors.slice(-2000)}`);
  }
  return { isKilled: signal === "SIGKILL", output };
}
