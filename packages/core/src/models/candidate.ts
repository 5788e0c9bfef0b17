import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { Via } from "../usage/call-record.ts";
import type { AnswerMethod } from "./answer-method.ts";

/** One way to a model: a chat model that makes single attempts, and what has to be known of it. */
export interface Candidate {
  readonly chat: BaseChatModel;
  /** Model as it is asked for. */
  readonly model: string;
  readonly via: Via;
  /** Provider that the gateway is told to use; OpenRouter chooses its own. */
  readonly provider?: string | undefined;
  /** Whether its requests count against the OpenRouter account's limits. */
  readonly isOfAccount: boolean;
  /** Most tokens of one answer, as they are asked for. */
  readonly maxTokens: number;
  /** Whether whole answers are streamed from upstream, to see the first token and each one after it. */
  readonly streamsWhole: boolean;
  /** What the model can do and costs, as far as anyone says; asked for when first needed. */
  readonly abilities: () => Promise<Abilities>;
  /** The same, as far as it is known already: a call that is failing must not wait for it. */
  readonly known: () => Abilities;
  /** Headers of a single request, such as the trace id. */
  readonly headers?: ((traceId: string) => Readonly<Record<string, string>>) | undefined;
  /** Share of the calls that try this fallback first. */
  readonly weight?: number | undefined;
}

/** What a call has to know of a model before it asks it. */
export interface Abilities {
  /** How the model is best asked for an answer in the shape of a schema. */
  readonly answerMethod: AnswerMethod;
  readonly isFree: boolean;
  /** Tokens, prompt and answer together; unknown models have none. */
  readonly contextLength?: number | undefined;
  /** US dollars for a token of the prompt, and of the answer. */
  readonly promptUsd?: number | undefined;
  readonly completionUsd?: number | undefined;
}

/** The candidates in the order of one call: as given, or drawn by weight where any has one. */
export function orderByWeight(
  candidates: readonly Candidate[],
  random: () => number,
): readonly Candidate[] {
  if (candidates.every(({ weight }) => weight === undefined)) return candidates;
  // Efraimidis and Spirakis: sorting by random^(1/weight) draws without replacement by weight.
  const drawn = candidates.map((candidate) => ({
    candidate,
    rank: random() ** (1 / (candidate.weight ?? 1)),
  }));
  return drawn.toSorted((a, b) => b.rank - a.rank).map(({ candidate }) => candidate);
}
