import {
  openRuntime,
  type Database,
  type Pipeline,
  type Runtime,
  type RuntimeOptions,
  type Worker,
} from "@orchestra/runtime";
import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";
import { answerPipeline } from "@orchestra/runtime/test-support";
import { serve, type RunningServer, type ServeOptions } from "../serve.ts";

export interface RunServerOptions {
  readonly database: Database;
  readonly pipelines?: readonly Pipeline[];
  readonly sandbox?: SandboxOptions;
  readonly server?: Omit<ServeOptions, "runtime">;
  readonly environment?: Readonly<Record<string, string>>;
  readonly orchestra?: RuntimeOptions["orchestra"];
  readonly settings?: { readonly maxPayloadBytes: number };
}

/** A server with runs, on its own sandbox and tables. `work()` starts a worker. */
export interface RunServer extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly runtime: Runtime;
  readonly server: RunningServer;
  /** Base URL of the API. */
  readonly url: string;
  work(): Promise<Worker>;
  get(path: string): Promise<Response>;
  post(path: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export async function startRunServer(options: RunServerOptions): Promise<RunServer> {
  const { database, pipelines = [answerPipeline], environment } = options;
  const sandbox = await startSandbox(options.sandbox);
  const runtime = await openRuntime({
    pipelines,
    database,
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.orchestra ? { orchestra: options.orchestra } : {}),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.01",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
      ...environment,
    },
  });
  const server = await serve({ runtime, environment: {}, port: 0, graceMs: 0, ...options.server });
  const { url } = server;
  return {
    sandbox,
    runtime,
    server,
    url,
    work: () => runtime.work({ concurrency: 4, graceMs: 1000 }),
    get: (path) => fetch(url + path),
    post: (path, body, headers = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { ...(body ? { "content-type": "application/json" } : {}), ...headers },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await runtime.close();
      await sandbox.close();
      await database.close();
    },
  };
}
