import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";
import { onTestFinished, vi } from "vitest";

export interface ExampleRun {
  readonly sandbox: Sandbox;
  /** The arguments of each `console.log`. */
  readonly printed: readonly unknown[][];
}

export interface RunOptions {
  readonly sandbox?: SandboxOptions;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called before the example runs, to order faults. */
  readonly before?: (sandbox: Sandbox) => void;
}

/**
 * Runs a program of the docs against a separate sandbox. The program reads its settings from the
 * environment, as a user's does.
 *
 * @param load - Imports the program: `() => import("./x.ts")`.
 */
export async function runExample(
  load: () => Promise<unknown>,
  { sandbox: options, environment, before }: RunOptions = {},
): Promise<ExampleRun> {
  const sandbox = await startSandbox(options);
  const printed: unknown[][] = [];
  const print = (...line: unknown[]): void => void printed.push(line);
  const log = vi.spyOn(console, "log").mockImplementation(print);
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    print(text);
    return true;
  });
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    log.mockRestore();
    write.mockRestore();
    await sandbox.close();
  });
  const variables = {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
    LLM_RETRY_DELAY: "0.002",
    LLM_RETRY_MAX_DELAY: "0.01",
    LOG_LEVEL: "silent",
    ...environment,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  before?.(sandbox);
  await load();
  return { sandbox, printed };
}
