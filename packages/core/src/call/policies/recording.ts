import type { CompletionChunk } from "../../completions/index.ts";
import { onRequestEnd, type Policy } from "../chain.ts";
import { answerDeltas } from "../answer-deltas.ts";
import { price } from "../price.ts";

/** Records each attempt with its cost, and reports its end to the circuit breaker and to the latencies. */
export const recording: Policy = (next, context) => {
  const { role, log, scope, onText, isStream, outputSchema, services } = context;
  const { latencies, reconciler, emitsText = true } = services;
  const hasListener = emitsText || onText !== undefined || scope.onEvent !== undefined;
  const listen = (number: number) => {
    const emitDelta = answerDeltas(number, outputSchema, (event) => log.emit(event));
    return (text: string) => {
      emitDelta(text);
      onText?.(text, number);
    };
  };
  return async (attempt) => {
    const { permit, route, signal } = attempt;
    // A slot may be granted at the moment of an abort: then nothing is sent, and no attempt is counted.
    signal.throwIfAborted();
    const { number, end: record } = log.begin(attempt);
    const report = hasListener ? listen(number) : undefined;
    // The text of a stream is reported when its reader reads it.
    const sent = next(report && !isStream ? { ...attempt, onText: report } : attempt);
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
    if (answer.kind === "stream") {
      permit?.answering();
      if (report) answer.map((chunk) => reportText(chunk, report));
    }
    return answer;
  };
};

function reportText(chunk: CompletionChunk, report: (text: string) => void): CompletionChunk {
  const first = chunk.choices?.find((choice) => !choice?.index);
  if (typeof first?.delta?.content === "string" && first.delta.content !== "") {
    report(first.delta.content);
  }
  return chunk;
}
