/** The way to a model whose health is watched as one. */
export interface CircuitRoute {
  /** Model as it is asked for. */
  readonly model: string;
  /** Who is asked: `openrouter`, `portkey` or `direct`. */
  readonly via: string;
  /** Provider that the gateway is told to use; OpenRouter chooses its own. */
  readonly provider?: string | undefined;
}

/** A route's name, for people too: `openai/gpt-4o via portkey (openai)`. */
export function circuitKey({ model, via, provider }: CircuitRoute): string {
  return `${model} via ${via}${provider === undefined ? "" : ` (${provider})`}`;
}
