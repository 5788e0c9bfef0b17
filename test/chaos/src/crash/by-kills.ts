import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Case, CaseResult, Lane } from "./case.ts";
import type { ChildOrders } from "./child.ts";
import { begin, seeToEnd } from "./drive.ts";
import { nextKey, within } from "./limits.ts";
import { openSite, Witness, type Site } from "./site.ts";

/** Kills processes on an embedded database; the next process opens the folder, and goes on. */
export async function openKillingLane(home: string): Promise<Lane> {
  const site = await openSite();
  return {
    place: { backend: "pglite", harm: "kill" },
    countStatements: async (shape) => {
      const never = { statement: Infinity, moment: "unsent", harm: "kill" } as const;
      const { output } = await runChild(site, home, nextKey(), {
        ...never,
        shape,
        comesBack: "late",
      });
      return Number(output);
    },
    run: (broken) => kill(site, home, broken),
    [Symbol.asyncDispose]: () => site[Symbol.asyncDispose](),
  };
}

async function kill(site: Site, home: string, broken: Case): Promise<CaseResult> {
  const shape = site.shapes[broken.shape];
  const witness = new Witness(site);
  const key = nextKey();
  const { isKilled } = await runChild(site, home, key, broken);
  const { database, runtime } = await site.openHome(home);
  try {
    await runtime.work({ concurrency: 1 });
    const run = await within(`a run of ${broken.shape}`, async (signal) => {
      const id = await begin(runtime, shape, key, signal);
      return seeToEnd(runtime, id, shape, signal);
    });
    return { isBroken: isKilled, problems: await witness.examine(runtime, run, shape, "kill") };
  } finally {
    await runtime.close();
    await database.close();
  }
}

/** @throws {Error} where the process ends in another way than by the kill, or its work */
async function runChild(site: Site, home: string, key: string, broken: Case) {
  const orders: ChildOrders = {
    home,
    key,
    // JSON has no number without an end.
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
    { stdio: ["ignore", "pipe", "pipe"] },
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
