import type { Orchestra } from "@orchestra/core";
import type { Pipeline, RuntimeOptions } from "@orchestra/runtime";
import type { ServedAgent } from "@orchestra/server";

/** An agent of a config, as `orchestra.agent()` returns it. */
export interface ConfigAgent extends ServedAgent {
  readonly role: {
    readonly name: string;
    readonly input: { safeParseAsync(input: unknown): Promise<{ readonly success: boolean }> };
  };
  /** The model of the agent; absent if `orchestra.agent()` did not create the agent. */
  readonly model?: { readonly model: string } | undefined;
  invoke(input: unknown, config?: object): Promise<unknown>;
}

/** What `orchestra.config.ts` exports: the options of a runtime, except those that the command sets. */
export interface OrchestraConfig extends Omit<
  RuntimeOptions,
  "environment" | "database" | "onError" | "pipelines"
> {
  /** The pipelines that `orchestra run`, `orchestra worker` and `orchestra serve` execute. @defaultValue none */
  readonly pipelines?: readonly Pipeline[] | undefined;
  /** Creates the agents that clients of `orchestra serve` and `orchestra run --role` can call. @defaultValue none */
  readonly agents?: ((orchestra: Orchestra) => readonly ConfigAgent[]) | undefined;
}

/** A config with its defaults applied. */
export interface ResolvedConfig extends OrchestraConfig {
  readonly pipelines: readonly Pipeline[];
}

/**
 * Defines the config of the `orchestra` command: the default export of `orchestra.config.ts`.
 *
 * @example
 * ```ts
 * const chat = definePipeline({ name: "chat", create: ({ orchestra }) => orchestra.model });
 *
 * export default defineConfig({ pipelines: [chat] });
 * ```
 */
export function defineConfig(config: OrchestraConfig): ResolvedConfig {
  return { ...config, pipelines: config.pipelines ?? [] };
}
