import { openDatabase, type Run, type Runtime } from "@orchestra/runtime";
import { BreakableDatabase } from "./breakable-database.ts";
import { unbroken, type Case, type CaseResult, type Lane } from "./case.ts";
import { drive } from "./drive.ts";
import { nextKey, within } from "./limits.ts";
import { openSite, Witness, type Site } from "./site.ts";

/**
 * Cuts connections to a PostgreSQL server: those that start a run, execute it or follow it. All of them have to
 * continue by themselves.
 */
export async function openCuttingLane(url: string, lane: number): Promise<Lane> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const schema = `cutting_${lane}`;
  const database = stack.use(await openDatabase({ url, schema, maxConnections: 4 }));
  const breakable = await BreakableDatabase.of(database);
  const origin = await site.runOrigin(database);
  const runtime = stack.use(await site.open(database));
  await runtime.work({ concurrency: 1 });
  const all = stack.move();
  const scene: Scene = { site, runtime, breakable, origin };
  return {
    place: { backend: "postgres", harm: "cut" },
    countStatements: async (shape) => {
      await cut(scene, unbroken(shape, "cut"));
      return breakable.statements;
    },
    run: (broken) => cut(scene, broken),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Scene {
  readonly site: Site;
  readonly runtime: Runtime;
  readonly breakable: BreakableDatabase;
  /** The run that forks are made from. */
  readonly origin: Run;
}

async function cut({ site, runtime, breakable, origin }: Scene, broken: Case): Promise<CaseResult> {
  const shape = site.shapes[broken.shape];
  const witness = new Witness(site, origin);
  void breakable.breakAt(broken);
  const run = await within(`a run of ${broken.shape}`, (signal) =>
    drive(runtime, { shape, key: nextKey(), origin: origin.id }, signal),
  );
  return {
    isBroken: breakable.isBroken,
    problems: await witness.examine(runtime, run, shape, "cut"),
  };
}
