import { onRequestEnd, type Policy } from "../chain.ts";
import { price } from "../price.ts";

/** Records each attempt with its cost, and reports its end to the circuit breaker and to the latencies. */
export const recording: Policy = (next, { role, log, scope, onText, isStream, services }) => {
  const { latencies, reconciler, emitsText = true } = services;
  const isHeard = !isStream && (emitsText || onText !== undefined || scope.onEvent !== undefined);
  return async (attempt) => {
    const { permit, route, signal } = attempt;
    // A slot may come in the instant of the abort: what is not sent is no attempt.
    signal.throwIfAborted();
    const { number, end: record } = log.begin(attempt);
    const tell = (text: string) => {
      log.emit({ type: "text-delta", attempt: number, text });
      onText?.(text, number);
    };
    const sent = next(isHeard ? { ...attempt, onText: tell } : attempt);
    const answer = await onRequestEnd(sent, (end) => {
      const { error } = end;
      const isKnown = end.metadata.costSource !== undefined;
      const metadata = isKnown ? end.metadata : price(end, route, reconciler);
      const durationMs = record(metadata, error);
      latencies?.record(role, durationMs);
      if (error) permit?.fail(error);
      else permit?.succeed();
      return metadata;
    });
    if (answer.kind === "stream") permit?.answering();
    return answer;
  };
};
