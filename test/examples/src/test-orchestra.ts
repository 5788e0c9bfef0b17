import { Orchestra, type CallRecord, type OrchestraOptions } from "@orchestra/core";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";

/** An orchestra on a separate sandbox, and the records of its calls. */
export interface TestOrchestra extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly orchestra: Orchestra;
  readonly records: readonly CallRecord[];
}

/** Starts both. Waits are milliseconds; nothing of the developer's environment is read. */
export async function startTestOrchestra(options: OrchestraOptions = {}): Promise<TestOrchestra> {
  const sandbox = await startSandbox();
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    onCall: (record) => records.push(record),
    ...options,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.01",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
      LOG_LEVEL: "silent",
      ...options.environment,
    },
  });
  return { sandbox, orchestra, records, [Symbol.asyncDispose]: () => sandbox.close() };
}
