import { OrchestraError } from "@orchestra/core";
import type { CallOutcome } from "../call-outcome.ts";
import type { Check } from "../evidence.ts";
import type { ProviderRequest } from "../provider/request-log.ts";

/**
 * No answer is lost, returned twice or changed: each call ends once, with the whole answer to one of its own requests,
 * with a typed error, or with the reason of its caller's abort.
 */
export const answers: Check = ({ outcomes, requests }) => {
  const byPrompt = Map.groupBy(requests, ({ prompt }) => prompt);
  return outcomes.flatMap((outcome) => {
    const { call, ends } = outcome;
    if (ends === 0) return [];
    const problem =
      ends === 1 ? problemOf(outcome, byPrompt.get(call.prompt) ?? []) : `ended ${ends} times`;
    return problem === undefined ? [] : [`Call ${call.number} ${problem}`];
  });
};

function problemOf(outcome: CallOutcome, requests: readonly ProviderRequest[]): string | undefined {
  const { text, error, kind } = outcome;
  switch (kind) {
    case "answered":
      return answerProblem(outcome, requests);
    case "left":
      return isPrefix(text, requests) ? undefined : `read what no request was answered: ${text}`;
    case "interrupted": {
      const { partialText } = error as { readonly partialText: string };
      if (partialText !== text) return `read "${text}", and its error says "${partialText}"`;
      return isPrefix(text, requests) ? undefined : `read what no request was answered: ${text}`;
    }
    case "failed":
      if (OrchestraError.isInstance(error)) return undefined;
      return `failed with an error that is not Orchestra's: ${String(error)}`;
    case "aborted":
    case undefined:
      return undefined;
  }
}

function answerProblem(
  { text, startedAt = 0, endedAt = Infinity }: CallOutcome,
  requests: readonly ProviderRequest[],
): string | undefined {
  const source = requests.find((request) => request.text === text);
  if (!source) return `got an answer that none of its requests was given: ${text}`;
  if (!source.isComplete) return `got the answer of request ${source.number}, which is not whole`;
  const isWithin = (source.endedAt ?? Infinity) >= startedAt && source.sentAt <= endedAt;
  return isWithin ? undefined : `got the answer of request ${source.number}, made at another time`;
}

function isPrefix(text: string, requests: readonly ProviderRequest[]): boolean {
  return text === "" || requests.some((request) => request.text.startsWith(text));
}
