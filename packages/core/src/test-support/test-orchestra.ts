import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";
import type { CallRecord, OrchestraEvent } from "../usage/index.ts";

/** An orchestra on its own sandbox, and all its events and records. */
export interface TestOrchestra extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly orchestra: Orchestra;
  readonly events: OrchestraEvent[];
  readonly records: CallRecord[];
  /** The only record there is. */
  readonly record: () => CallRecord;
}

export interface TestOptions extends OrchestraOptions {
  readonly sandbox?: SandboxOptions;
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * Starts both. Waits are milliseconds, so that retries cost no time; nothing of the developer's
 * environment is read.
 */
export async function startTestOrchestra(options: TestOptions = {}): Promise<TestOrchestra> {
  const { sandbox: sandboxOptions, ...own } = options;
  const sandbox = await startSandbox(sandboxOptions);
  const events: OrchestraEvent[] = [];
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    logger: silent,
    onEvent: (event) => events.push(event),
    onCall: (record) => records.push(record),
    ...own,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.01",
      LLM_REQUEST_TIMEOUT: "60",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      ...options.environment,
    },
  });
  const record = (): CallRecord => {
    const [only, ...more] = records;
    if (!only || more.length > 0)
      throw new Error(`Expected one record, there are ${records.length}`);
    return only;
  };
  return {
    sandbox,
    orchestra,
    events,
    records,
    record,
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

/** `PORTKEY_FALLBACKS` in the form of the configuration guide. */
export const guideFallbacks = JSON.stringify([
  { provider: "openai", model: "gpt-4o-mini" },
  { provider: "anthropic", model: "claude-3-haiku-20k" },
]);
