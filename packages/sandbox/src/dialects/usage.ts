import type { Chunk, Dialect } from "./dialect.ts";
import { beforeText, finishOf, rewriteUsage, usageWithFinish, without } from "./rewrite.ts";

/** Servers other than OpenRouter, whose answers report no usage. */
const withoutUsage = { format: "openai", reportsUsage: false } as const;

/** Forms of usage, and answers without it. */
export const usageDialects: readonly Dialect[] = [
  {
    name: "usage-missing",
    description: "No usage, and no generation that could be requested.",
    ...withoutUsage,
    ...rewriteUsage(() => undefined),
  },
  {
    name: "usage-null",
    description: "usage: null, in every chunk.",
    ...withoutUsage,
    chunks: (chunks) => withoutLast(chunks).map((chunk) => ({ ...chunk, usage: null })),
    body: (body) => ({ ...body, usage: null }),
  },
  {
    name: "usage-empty",
    description: "usage: {}.",
    ...withoutUsage,
    ...rewriteUsage(() => ({})),
  },
  {
    name: "usage-zeros",
    description: "Usage that is all zeros.",
    ...withoutUsage,
    ...rewriteUsage((usage) => Object.fromEntries(Object.keys(usage).map((key) => [key, 0]))),
  },
  {
    name: "usage-negative",
    description: "Usage of -1, for values that the server has not counted.",
    ...withoutUsage,
    ...rewriteUsage(() => ({ prompt_tokens: -1, completion_tokens: -1, total_tokens: -1 })),
  },
  {
    name: "usage-nan",
    description: "Usage of NaN, which JSON does not have and Python writes.",
    ...withoutUsage,
    ...rewriteUsage(() => ({ prompt_tokens: "NaN", completion_tokens: "NaN", cost: "NaN" })),
    event: (json) => `data: ${json.replaceAll('"NaN"', "NaN")}\n\n`,
    body: (body) =>
      JSON.stringify({ ...body, usage: { prompt_tokens: null, cost: null } }).replace(
        /"usage":\{.*/,
        '"usage":{"prompt_tokens":NaN,"cost":NaN}}',
      ),
  },
  {
    name: "usage-late",
    description: "Usage more than a second after the finish.",
    format: "openai",
    chunks: (chunks) =>
      chunks.at(-1)?.usage === undefined
        ? chunks
        : [...withoutLast(chunks), 1_500, ...chunks.slice(-1)],
  },
  {
    name: "usage-strings",
    description: "Usage and cost as texts.",
    ...rewriteUsage((usage) =>
      Object.fromEntries(
        Object.entries(usage).map(([key, value]) => [
          key,
          typeof value === "number" ? String(value) : value,
        ]),
      ),
    ),
  },
  {
    name: "usage-in-choice",
    description: "The usage of a stream in the choice that has the finish reason.",
    format: "openai",
    chunks: (chunks) => {
      const usage = chunks.at(-1)?.usage;
      return withoutLast(chunks).map((chunk, index) =>
        index === finishOf(chunks)
          ? { ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, usage })) }
          : chunk,
      );
    },
    body: (body) => ({
      ...body,
      choices: body.choices.map((choice) => ({ ...choice, index: 0, usage: body.usage })),
    }),
  },
  {
    name: "usage-with-finish",
    description: "The usage of a stream in the chunk that has the finish reason.",
    chunks: usageWithFinish,
  },
  {
    name: "usage-partial-first",
    description: "One token of usage before the text, and all of it at the end.",
    chunks: (chunks) => {
      const last = chunks.at(-1);
      if (last?.usage === undefined) return chunks;
      const usage = { ...last.usage, completion_tokens: 1, cost: 0 };
      return beforeText(chunks, [{ ...last, usage }]);
    },
  },
  {
    name: "usage-cumulative",
    description: "The usage so far in every chunk, and zeros after the last.",
    format: "openai",
    chunks: (chunks) => {
      const whole = chunks.at(-1)?.usage;
      if (whole === undefined) return chunks;
      const grown = chunks.map((chunk, index) => {
        const share = index < finishOf(chunks) ? index / chunks.length : 1;
        const completion_tokens = Math.floor(Number(whole.completion_tokens) * share);
        return { ...chunk, usage: { ...whole, completion_tokens, total_tokens: 0 } };
      });
      const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
      return [...grown, { ...chunks.at(-1), usage: zeros }];
    },
  },
  {
    name: "cost-separate",
    description: "The cost in a separate chunk, after the usage.",
    chunks: (chunks) => {
      const { usage, ...last } = chunks.at(-1) ?? {};
      if (usage === undefined) return chunks;
      const tokens = without(usage, "cost", "cost_details", "is_byok");
      const { cost } = usage;
      return [...withoutLast(chunks), { ...last, usage: tokens }, { ...last, usage: { cost } }];
    },
  },
  {
    name: "byok",
    description:
      "OpenRouter with the user's own provider key: cost is the fee, 0, and the provider bills the rest.",
    ...rewriteUsage((usage) => ({
      ...usage,
      cost: 0,
      is_byok: true,
      cost_details: { upstream_inference_cost: usage.cost },
    })),
  },
];

function withoutLast(chunks: readonly Chunk[]): readonly Chunk[] {
  return chunks.at(-1)?.usage === undefined ? chunks : chunks.slice(0, -1);
}
