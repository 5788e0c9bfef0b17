import type { RuntimeOptions } from "@orchestra/runtime";

/** What `orchestra.config.ts` says: the options of a runtime, but for those that the command gives. */
export type OrchestraConfig = Omit<RuntimeOptions, "environment" | "database" | "onError">;

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
export function defineConfig(config: OrchestraConfig): OrchestraConfig {
  return config;
}
