import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRuntime, type Runtime } from "@orchestra/runtime";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { startPostgres, type PostgresServer } from "@orchestra/test-postgres";
import { Fleet } from "./fleet.ts";
import { startOutsideWorld, type OutsideWorld } from "./outside-world.ts";
import { lighthousePipeline } from "./pipeline.ts";
import type { WorkerOrders } from "./worker-process.ts";

/** The limit of the account, low enough that requests wait. Its window is 2 seconds instead of a minute. */
export const accountLimit = { requests: 60, windowMs: 2000 } as const;

/** All servers, the workers, and a runtime that starts runs and executes none. */
export interface Stage extends AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly sandbox: Sandbox;
  readonly world: OutsideWorld;
  readonly runtime: Runtime;
  readonly fleet: Fleet;
  /** Number of answers of the sandbox. */
  readonly answers: number;
  /** Folder with a folder for each run. */
  readonly artifacts: string;
}

export interface StageOptions {
  readonly seed: number;
  readonly runs: number;
  readonly workers: number;
  readonly concurrency: number;
}

export async function setStage(options: StageOptions): Promise<Stage> {
  const { seed, runs, workers, concurrency } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "orchestra-chaos-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ folder: join(folder, "postgres") });
  stack.defer(() => postgres.stop());
  const { requests: requestsPerMinute, windowMs } = accountLimit;
  const answered = new Set<string | undefined>();
  let answers = 0;
  const sandbox = stack.use(
    await startSandbox({
      seed,
      onRequest: ({ headers, aborted }) => {
        if (aborted) return;
        answers += 1;
        answered.add(headers["x-title"]);
      },
      limits: { requestsPerMinute, windowMs },
      latency: { firstTokenMs: 100, betweenTokensMs: 10 },
    }),
  );
  const world = stack.use(await startOutsideWorld());
  const artifacts = join(folder, "artifacts");
  const pipeline = { seed, runs, artifacts, worldUrl: world.url };
  const ordersFor = (name: string): WorkerOrders => ({
    name,
    databaseUrl: postgres.url,
    environment: environmentFor(sandbox, name),
    pipeline,
    concurrency,
    windowMs,
  });
  const runtime = stack.use(
    await openRuntime({
      pipelines: [lighthousePipeline(pipeline)],
      settings: { databaseUrl: postgres.url },
      environment: {},
      onError: () => undefined,
    }),
  );
  const compileCache = join(folder, "compile-cache");
  const hasWorked = (name: string) => answered.has(name);
  const fleet = new Fleet({ size: workers, compileCache, ordersFor, hasWorked });
  stack.defer(async () => void (await fleet.close()));
  const all = stack.move();
  return {
    postgres,
    sandbox,
    world,
    runtime,
    fleet,
    artifacts,
    get answers() {
      return answers;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Each process sends its name as a header, so that the sandbox records which worker has sent a request. */
function environmentFor(sandbox: Sandbox, name: string): Record<string, string> {
  return {
    OPENROUTER_API_KEY: "sk-or-v1-chaos-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    OPENROUTER_HEADERS: JSON.stringify({ "X-Title": name }),
    LLM_REQUESTS_PER_MINUTE: String(accountLimit.requests),
    LLM_REQUESTS_PER_DAY: "none",
    LLM_REQUEST_TIMEOUT: "20",
    LOG_LEVEL: "error",
  };
}
