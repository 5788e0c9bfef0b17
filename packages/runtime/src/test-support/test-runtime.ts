import { researchValidateExecute } from "@orchestra/core/pipelines";
import { startSandbox, type Sandbox, type SandboxOptions } from "@orchestra/sandbox";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import { openRuntime } from "../open-runtime.ts";
import type { Runtime } from "../runtime.ts";
import type { RuntimeOptions } from "../runtime-options.ts";
import { definePipeline, type Pipeline } from "../pipelines/index.ts";
import type { Database } from "../database/index.ts";

export const question = { task: "When was the lighthouse of Vell built?" };

const archive = {
  passages: [{ path: "vell.md", line: 3, text: "The lighthouse of Vell was built in 1871." }],
};

const search = tool(() => JSON.stringify(archive), {
  name: "search",
  description: "Searches the archive",
  schema: z.object({ query: z.string() }),
});

/** Research, validation and execution on an archive of one sentence. */
export const answerPipeline = definePipeline({
  name: "answer",
  input: z.object({ task: z.string().min(1) }),
  create: ({ orchestra, checkpointer }) =>
    researchValidateExecute({
      researcher: orchestra.researcher({ tools: [search] }),
      validator: orchestra.validator(),
      executor: orchestra.executor(),
      checkpointer,
    }),
});

/** A pipeline of one function. */
export function pipelineOf(name: string, work: (input: never) => unknown): Pipeline {
  return definePipeline({ name, create: () => RunnableLambda.from(work as never) });
}

/** The environment of a process without a key for the models, which would need one of OpenRouter. */
export const noKey = { OPENROUTER_API_KEY: undefined, OPENROUTER_BASE_URL: undefined };

/** A runtime on its own sandbox. */
export interface TestRuntime extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly runtime: Runtime;
  readonly errors: unknown[];
  /** Another runtime on the same tables, as in another process. */
  readonly another: (options?: Partial<RuntimeOptions>) => Promise<Runtime>;
}

export interface TestRuntimeOptions extends Partial<RuntimeOptions> {
  readonly database: Database;
  readonly sandbox?: SandboxOptions;
}

export async function startTestRuntime(options: TestRuntimeOptions): Promise<TestRuntime> {
  const { database, sandbox: sandboxOptions, ...rest } = options;
  const sandbox = await startSandbox(sandboxOptions);
  const errors: unknown[] = [];
  const opened: Runtime[] = [];
  const open = async (more: Partial<RuntimeOptions> = {}) => {
    const runtime = await openRuntime({
      pipelines: [answerPipeline],
      database,
      onError: (error) => errors.push(error),
      ...rest,
      ...more,
      environment: environmentFor(sandbox, { ...rest.environment, ...more.environment }),
    });
    opened.push(runtime);
    return runtime;
  };
  const runtime = await open();
  return {
    sandbox,
    runtime,
    errors,
    another: open,
    [Symbol.asyncDispose]: async () => {
      for (const each of opened.toReversed()) await each.close();
      await sandbox.close();
      await database.close();
    },
  };
}

/** Directs the models to a sandbox, without a pace; times are milliseconds. */
export function environmentFor(
  sandbox: Pick<Sandbox, "url" | "gatewayUrl">,
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, string | undefined> {
  return {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
    LLM_RETRY_DELAY: "0.002",
    LLM_RETRY_MAX_DELAY: "0.01",
    LLM_REQUEST_TIMEOUT: "60",
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LOG_LEVEL: "silent",
    ...more,
  };
}
