import { Orchestra, type CallRecord, type OrchestraOptions } from "@orchestra/core";
import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";
import { serve, type RunningServer, type ServeOptions } from "../serve.ts";

export interface TestServerOptions {
  readonly sandbox?: SandboxOptions;
  readonly server?: Omit<ServeOptions, "orchestra">;
  readonly environment?: Readonly<Record<string, string>>;
  readonly orchestra?: OrchestraOptions;
}

/** A server on its own sandbox. */
export interface TestServer extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly orchestra: Orchestra;
  readonly server: RunningServer;
  readonly records: readonly CallRecord[];
  /** Base URL of the API. */
  readonly url: string;
  /** The same without `/v1`. */
  readonly origin: string;
}

/** Starts both. Times are milliseconds; the developer's environment is not used. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const sandbox = await startSandbox(options.sandbox);
  const started = await startServerAt(sandbox.url, {
    ...options,
    environment: { PORTKEY_GATEWAY_URL: sandbox.gatewayUrl, ...options.environment },
  });
  const close = async () => {
    await started[Symbol.asyncDispose]();
    await sandbox.close();
  };
  return { ...started, sandbox, [Symbol.asyncDispose]: close };
}

/** Starts a server whose models are at a URL. */
export async function startServerAt(
  baseUrl: string,
  { server: options, environment, orchestra: others }: TestServerOptions = {},
): Promise<Omit<TestServer, "sandbox">> {
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    onCall: (record) => records.push(record),
    ...others,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: baseUrl,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.01",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
      ...environment,
    },
  });
  const server = await serve({ orchestra, environment: {}, port: 0, graceMs: 0, ...options });
  const { url } = server;
  return {
    orchestra,
    server,
    records,
    url,
    origin: url.slice(0, -"/v1".length),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
