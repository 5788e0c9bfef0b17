import type { Orchestra } from "@orchestra/core";
import type { Pipeline, RuntimeOptions } from "@orchestra/runtime";
import type { ServedAgent } from "@orchestra/server";

/** An agent of a config: what `orchestra.agent()` makes. */
export interface ConfigAgent extends ServedAgent {
  readonly role: {
    readonly name: string;
    readonly input: { safeParseAsync(input: unknown): Promise<{ readonly success: boolean }> };
  };
  /** What the agent asks; nothing for one that was not made by `orchestra.agent()`. */
  readonly model?: { readonly model: string } | undefined;
  invoke(input: unknown, config?: object): Promise<unknown>;
}

/** What `orchestra.config.ts` says: the options of a runtime, but for those that the command gives. */
export interface OrchestraConfig extends Omit<
  RuntimeOptions,
  "environment" | "database" | "onError" | "pipelines"
> {
  /** What `orchestra run`, `orchestra worker` and `orchestra serve` can run. @defaultValue none */
  readonly pipelines?: readonly Pipeline[] | undefined;
  /** Makes the agents that clients of `orchestra serve` and `orchestra run --role` may call. @defaultValue none */
  readonly agents?: ((orchestra: Orchestra) => readonly ConfigAgent[]) | undefined;
}

/** A config with its defaults. */
export interface ResolvedConfig extends OrchestraConfig {
  readonly pipelines: readonly Pipeline[];
}

/**
 * Says what `orchestra` runs, as the default export of `orchestra.config.ts`.
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
