import { authorOf, type Model } from "./model.ts";

/** Dollars per million tokens, as in price lists. */
type Row = readonly [
  id: string,
  promptPrice: number,
  completionPrice: number,
  contextLength: number,
  abilities: "structured" | "json" | "tools" | "text",
];

/**
 * Models by OpenRouter's names. Prices and lengths have a realistic order of magnitude, but
 * are not kept up to date: use them in computations, not for bills.
 */
const ROWS: readonly Row[] = [
  ["openai/gpt-4o", 2.5, 10, 128_000, "structured"],
  ["openai/gpt-4o-mini", 0.15, 0.6, 128_000, "structured"],
  ["openai/gpt-4.1", 2, 8, 1_047_576, "structured"],
  ["openai/gpt-4.1-mini", 0.4, 1.6, 1_047_576, "structured"],
  ["openai/gpt-4.1-nano", 0.1, 0.4, 1_047_576, "structured"],
  ["openai/gpt-5", 1.25, 10, 400_000, "structured"],
  ["openai/gpt-5-mini", 0.25, 2, 400_000, "structured"],
  ["openai/o4-mini", 1.1, 4.4, 200_000, "structured"],
  ["openai/gpt-oss-120b", 0.05, 0.25, 131_072, "structured"],
  ["openai/gpt-oss-20b:free", 0, 0, 131_072, "structured"],
  ["openai/gpt-3.5-turbo", 0.5, 1.5, 16_385, "json"],
  ["anthropic/claude-3-opus-20k", 15, 75, 20_000, "tools"],
  ["anthropic/claude-3-haiku-20k", 0.25, 1.25, 20_000, "tools"],
  ["anthropic/claude-3-opus", 15, 75, 200_000, "tools"],
  ["anthropic/claude-3-haiku", 0.25, 1.25, 200_000, "tools"],
  ["anthropic/claude-3.5-haiku", 0.8, 4, 200_000, "tools"],
  ["anthropic/claude-3.7-sonnet", 3, 15, 200_000, "tools"],
  ["anthropic/claude-sonnet-4", 3, 15, 200_000, "tools"],
  ["anthropic/claude-sonnet-4.5", 3, 15, 1_000_000, "structured"],
  ["anthropic/claude-opus-4.1", 15, 75, 200_000, "structured"],
  ["google/gemini-1.5-pro", 1.25, 5, 2_000_000, "structured"],
  ["google/gemini-1.5-flash", 0.075, 0.3, 1_000_000, "structured"],
  ["google/gemini-2.0-flash-001", 0.1, 0.4, 1_048_576, "structured"],
  ["google/gemini-2.5-pro", 1.25, 10, 1_048_576, "structured"],
  ["google/gemini-2.5-flash", 0.3, 2.5, 1_048_576, "structured"],
  ["google/gemma-3-27b-it:free", 0, 0, 131_072, "json"],
  ["meta-llama/llama-3-8b-instruct", 0.03, 0.06, 8_192, "tools"],
  ["meta-llama/llama-3-70b-instruct", 0.3, 0.4, 8_192, "tools"],
  ["meta-llama/llama-3.1-8b-instruct", 0.02, 0.03, 131_072, "structured"],
  ["meta-llama/llama-3.1-405b-instruct", 0.8, 0.8, 32_768, "structured"],
  ["meta-llama/llama-3.3-70b-instruct", 0.13, 0.39, 131_072, "structured"],
  ["meta-llama/llama-3.3-70b-instruct:free", 0, 0, 65_536, "tools"],
  ["meta-llama/llama-4-maverick", 0.15, 0.6, 1_048_576, "structured"],
  ["mistralai/mistral-7b-instruct:free", 0, 0, 32_768, "text"],
  ["mistralai/mistral-small-3.2-24b-instruct", 0.06, 0.18, 131_072, "structured"],
  ["mistralai/mistral-large", 2, 6, 128_000, "structured"],
  ["mistralai/mixtral-8x7b-instruct", 0.4, 0.4, 32_768, "tools"],
  ["deepseek/deepseek-chat", 0.3, 0.85, 163_840, "structured"],
  ["deepseek/deepseek-chat-v3-0324:free", 0, 0, 163_840, "tools"],
  ["deepseek/deepseek-r1", 0.4, 2, 163_840, "tools"],
  ["qwen/qwen-2.5-72b-instruct", 0.07, 0.26, 32_768, "structured"],
  ["qwen/qwen3-235b-a22b", 0.18, 0.54, 40_960, "structured"],
  ["qwen/qwen3-coder:free", 0, 0, 262_144, "tools"],
  ["x-ai/grok-4", 3, 15, 256_000, "structured"],
  ["x-ai/grok-4-fast", 0.2, 0.5, 2_000_000, "structured"],
  ["cohere/command-r-plus-08-2024", 2.5, 10, 128_000, "structured"],
  ["nousresearch/hermes-3-llama-3.1-70b", 0.3, 0.3, 131_072, "json"],
  ["gryphe/mythomax-l2-13b", 0.05, 0.09, 4_096, "text"],
];

const PROVIDERS: Record<string, string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  google: "Google AI Studio",
  "meta-llama": "DeepInfra",
  mistralai: "Mistral",
  deepseek: "DeepSeek",
  qwen: "Alibaba",
  "x-ai": "xAI",
  cohere: "Cohere",
};

const SAMPLING = ["max_tokens", "temperature", "top_p", "stop", "seed"];
const TOOLS = ["tools", "tool_choice"];
const PARAMETERS: Record<Row[4], readonly string[]> = {
  text: SAMPLING,
  json: [...SAMPLING, ...TOOLS, "response_format"],
  tools: [...SAMPLING, ...TOOLS],
  structured: [...SAMPLING, ...TOOLS, "response_format", "structured_outputs"],
};

/** Every parameter that a model of the catalogue may support. */
export const ALL_PARAMETERS = PARAMETERS.structured;

/** The models that OpenRouter has too, all of them answered by the extractive engine. */
export const REAL_MODELS: readonly Model[] = ROWS.map(
  ([id, prompt, completion, contextLength, abilities]) => ({
    id,
    name: id.slice(id.indexOf("/") + 1),
    description: `Answers in the name of ${id} by extraction. This is a sandbox, without a language model.`,
    provider: PROVIDERS[authorOf(id)] ?? "DeepInfra",
    contextLength,
    maxCompletionTokens: Math.min(contextLength, 16_384),
    prices: {
      prompt: prompt / 1e6,
      completion: completion / 1e6,
      ...(prompt > 0 && { cacheRead: prompt / 4e6 }),
    },
    supportedParameters: PARAMETERS[abilities],
  }),
);
