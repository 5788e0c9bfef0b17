import { setTimeout as sleep } from "node:timers/promises";
import {
  openDatabase,
  outlastOutages,
  type Database,
  type Run,
  type Runtime,
  type Worker,
} from "@orchestra/runtime";
import { BreakableDatabase } from "./breakable-database.ts";
import { unbroken, type Case, type CaseResult, type Lane } from "./case.ts";
import { drive } from "./drive.ts";
import { nextKey, within } from "./limits.ts";
import { openSite, Witness, type Site } from "./site.ts";

/**
 * Freezes workers on a PostgreSQL server, as if their process or machine had stopped. Another worker takes over their
 * runs, and then they continue.
 */
export async function openFreezingLane(url: string, lane: number): Promise<Lane> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const schema = `freezing_${lane}`;
  const victims = `victims_${lane}`;
  const database = stack.use(await openDatabase({ url, schema, maxConnections: 4 }));
  const theirs = stack.use(
    await openDatabase({ url: named(url, victims), schema, maxConnections: 4 }),
  );
  const breakable = await BreakableDatabase.of(theirs);
  const origin = await site.runOrigin(database);
  const runtime = stack.use(await site.open(database));
  const scene: Scene = { site, runtime, breakable, victims, origin };
  const all = stack.move();
  return {
    place: { backend: "postgres", harm: "freeze" },
    countStatements: async (shape) => {
      await freeze(scene, unbroken(shape, "freeze"));
      return breakable.statements;
    },
    run: (broken) => freeze(scene, broken),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

interface Scene {
  readonly site: Site;
  /** Starts runs. It executes no runs before the victim is frozen. */
  readonly runtime: Runtime;
  readonly breakable: BreakableDatabase;
  /** `application_name` of the victims' connections. */
  readonly victims: string;
  /** The run that forks are made from. */
  readonly origin: Run;
}

async function freeze(scene: Scene, broken: Case): Promise<CaseResult> {
  const { site, runtime, breakable, victims, origin } = scene;
  const shape = site.shapes[broken.shape];
  const witness = new Witness(site, origin);
  const broke = breakable.breakAt(broken);
  await using first = new Victim(() => site.open(breakable.database));
  const ending = within(`a run of ${broken.shape}`, (signal) =>
    drive(runtime, { shape, key: nextKey(), origin: origin.id }, signal),
  );
  try {
    const isBroken = await Promise.race([broke, ending.then(() => false)]);
    if (!isBroken) return { isBroken, problems: await judge(await ending) };
    await outlastOutages(() => breakAll(victims, runtime.database));
    await outlastOutages(() => takeJobsAway(runtime.database));
    await using rescuer = await outlastOutages(() => site.open(runtime.database));
    await rescuer.work({ name: "second", concurrency: 1 });
    if (broken.comesBack === "early") breakable.thaw();
    const run = await ending;
    breakable.thaw();
    await first.isIdle();
    return { isBroken, problems: await judge(run) };
  } finally {
    breakable.thaw();
  }

  function judge(run: Run) {
    return witness.examine(runtime, run, shape, "freeze");
  }
}

function named(url: string, name: string): string {
  const withName = new URL(url);
  withName.searchParams.set("application_name", name);
  return withName.href;
}

/** Ends all connections with this name, as the end of a process does. Connections with locks are not in the pool. */
async function breakAll(name: string, { query }: Database): Promise<void> {
  await query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
    [name],
  );
}

/** A worker that can be frozen at any statement, including those of its start. */
class Victim implements AsyncDisposable {
  readonly #runtime: Promise<Runtime>;
  readonly #worker: Promise<Worker>;

  constructor(open: () => Promise<Runtime>) {
    this.#runtime = open();
    this.#worker = this.#runtime.then((runtime) => runtime.work({ name: "first", concurrency: 1 }));
    this.#worker.catch(() => undefined);
  }

  async isIdle(): Promise<void> {
    const worker = await this.#worker.catch(() => undefined);
    if (!worker) return;
    while (worker.active > 0) await sleep(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.catch(() => undefined);
    await (await this.#runtime.catch(() => undefined))?.close();
  }
}

/** Expires the leases of all jobs, and makes the jobs available at once. */
async function takeJobsAway(database: Database): Promise<void> {
  const { schema } = database;
  await database.query(
    `UPDATE "${schema}_queue".job
     SET state = 'retry', retry_count = retry_count + 1, start_after = now(), heartbeat_on = NULL
     WHERE name IN ('run-jobs', 'schedules') AND state = 'active'`,
  );
  await database.notify(`${schema}_work`, "");
}
