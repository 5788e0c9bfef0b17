/** What shares one circuit: a model, and the way to reach it. */
export interface CircuitRoute {
  /** Model as it is requested. */
  readonly model: string;
  /** The service that is called: `openrouter`, `portkey` or `direct`. */
  readonly via: string;
  /** Provider that the gateway uses. Not set for OpenRouter, which chooses one itself. */
  readonly provider?: string | undefined;
}

/** The name of a route, in events and messages too: `openai/gpt-4o via portkey (openai)`. */
export function circuitKey({ model, via, provider }: CircuitRoute): string {
  return `${model} via ${via}${provider === undefined ? "" : ` (${provider})`}`;
}
