import {
  openDatabase,
  openRuntime,
  outlastOutages,
  type Database,
  type Run,
  type Runtime,
} from "@orchestra/runtime";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { startOutsideWorld, type OutsideWorld } from "../workers/outside-world.ts";
import type { Harm } from "./breakable-database.ts";
import { shapes, type Shape, type ShapeName } from "./shapes.ts";
import { problemsOf, type Problem } from "./verdict.ts";

/** The servers that all cases of a lane use, one after the other. */
export interface Site extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly world: OutsideWorld;
  readonly shapes: Readonly<Record<ShapeName, Shape>>;
  readonly open: (database: Database) => Promise<Runtime>;
  /** Opens the embedded database of a folder, and a runtime on it. */
  readonly openHome: (home: string) => Promise<{ database: Database; runtime: Runtime }>;
  /** Executes the run that forks are made from, without an interruption. */
  readonly runOrigin: (database: Database) => Promise<Run>;
}

export async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const world = stack.use(await startOutsideWorld({ pauseMs: 0 }));
  const environment = environmentFor(sandbox);
  const all = stack.move();
  const open = (database: Database) => openOn(database, world.url, environment);
  return {
    sandbox,
    world,
    shapes: shapes(world.url),
    open,
    openHome: async (home) => {
      const database = await openDatabase({ home });
      return { database, runtime: await open(database) };
    },
    runOrigin: async (database) => {
      await using runtime = await open(database);
      await runtime.work({ concurrency: 1 });
      const { pipeline, input } = shapes(world.url).fork;
      const { id } = await runtime.start(pipeline.name, input);
      return await runtime.wait(id);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Opens a runtime with the pipelines of all shapes. */
export function openOn(
  database: Database,
  worldUrl: string,
  environment: Readonly<Record<string, string>>,
): Promise<Runtime> {
  return openRuntime({
    pipelines: Object.values(shapes(worldUrl)).map(({ pipeline }) => pipeline),
    database,
    environment,
    // These tests break connections, so errors are expected.
    onError: () => undefined,
  });
}

export function environmentFor({ url }: Pick<Sandbox, "url">): Record<string, string> {
  return {
    OPENROUTER_API_KEY: "sk-or-v1-crash-0123456789",
    OPENROUTER_BASE_URL: url,
    OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LOG_LEVEL: "silent",
  };
}

/** Checks an ended run, with the requests that the servers have received since the case began. */
export class Witness {
  readonly #site: Site;
  readonly #origin: Run;
  readonly #answeredBefore: number;

  /** Created when a case begins. @param origin - The run that forks are made from. */
  constructor(site: Site, origin: Run) {
    this.#site = site;
    this.#origin = origin;
    this.#answeredBefore = site.sandbox.books.entries.length;
  }

  /** Called when the interrupted execution is over too. @param run - The run as it was at its end. */
  async examine(runtime: Runtime, run: Run, shape: Shape, harm: Harm): Promise<Problem[]> {
    const { sandbox, world } = this.#site;
    const origin = this.#origin;
    const entries = sandbox.books.entries.slice(this.#answeredBefore);
    return problemsOf(
      {
        run,
        later: await runtime.get(run.id),
        events: await outlastOutages(() => Array.fromAsync(runtime.events(run.id))),
        answered: entries.filter(({ status, aborted }) => status === 200 && !aborted),
        effects: world.effects.filter((effect) => effect.run === run.id).length,
        ...(shape.fork && { origin, originLater: await runtime.get(origin.id) }),
      },
      shape,
      harm,
    );
  }
}
