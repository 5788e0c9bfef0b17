import { Orchestra, type OrchestraEvent } from "@orchestra/core";
import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";

/** An orchestra on its own sandbox, and all its events and records. */
export interface TestOrchestra extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly orchestra: Orchestra;
  readonly events: readonly OrchestraEvent[];
}

/** Starts both. The developer's environment is not used. */
export async function startTestOrchestra(
  options: { readonly sandbox?: SandboxOptions } = {},
): Promise<TestOrchestra> {
  const sandbox = await startSandbox(options.sandbox);
  const events: OrchestraEvent[] = [];
  const orchestra = new Orchestra({
    onEvent: (event) => events.push(event),
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
    },
  });
  return { sandbox, orchestra, events, [Symbol.asyncDispose]: () => sandbox.close() };
}
