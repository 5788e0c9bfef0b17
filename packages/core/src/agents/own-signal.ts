/**
 * A signal that aborts with another one, for a single run of a graph. LangGraph 1.7 leaves a
 * listener on the signal of every run; on this one it goes when the run does, and a caller's signal
 * that outlives a thousand runs does not collect a thousand of them.
 */
export function withOwnSignal<Config extends { readonly signal?: AbortSignal | undefined }>(
  config: Config,
): Config {
  return config.signal ? { ...config, signal: AbortSignal.any([config.signal]) } : config;
}
