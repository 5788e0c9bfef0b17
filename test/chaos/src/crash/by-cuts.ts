import { openDatabase, type Runtime } from "@orchestra/runtime";
import { BreakableDatabase } from "./breakable-database.ts";
import type { Case, CaseResult, Lane } from "./case.ts";
import { begin, seeToEnd } from "./drive.ts";
import { nextKey, within } from "./limits.ts";
import { openSite, Witness, type Site } from "./site.ts";

/**
 * Cuts connections to a PostgreSQL server: of who begins a run, of who executes it, of who follows it.
 * All of them go on by themselves.
 */
export async function openCuttingLane(url: string): Promise<Lane> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const breakable = await BreakableDatabase.of(
    stack.use(await openDatabase({ url, schema: "cutting", maxConnections: 4 })),
  );
  const runtime = stack.use(await site.open(breakable.database));
  await runtime.work({ concurrency: 1 });
  const all = stack.move();
  const scene: Scene = { site, runtime, breakable };
  return {
    place: { backend: "postgres", harm: "cut" },
    countStatements: async (shape) => {
      await cut(scene, { ...never, shape });
      return breakable.statements;
    },
    run: (broken) => cut(scene, broken),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const never = { statement: Infinity, moment: "unsent", harm: "cut", comesBack: "late" } as const;

interface Scene {
  readonly site: Site;
  readonly runtime: Runtime;
  readonly breakable: BreakableDatabase;
}

async function cut({ site, runtime, breakable }: Scene, broken: Case): Promise<CaseResult> {
  const shape = site.shapes[broken.shape];
  const witness = new Witness(site);
  void breakable.breakAt(broken);
  const run = await within(`a run of ${broken.shape}`, async (signal) => {
    const id = await begin(runtime, shape, nextKey(), signal);
    return seeToEnd(runtime, id, shape, signal);
  });
  return {
    isBroken: breakable.isBroken,
    problems: await witness.examine(runtime, run, shape, "cut"),
  };
}
