import type { CallRecord } from "@orchestra/core";

/** What is used of a `Tracer` of `@opentelemetry/api`. */
interface Tracer {
  startSpan(name: string, options: { startTime: Date; attributes: Attributes }): Span;
}
type Attributes = Record<string, string | number>;
type Span = { end(endTime: Date): void };

/** Makes a span of each call: `onCall: traceCalls(trace.getTracer("orchestra"))`. */
export const traceCalls = (tracer: Tracer) => (call: CallRecord) => {
  const startTime = new Date(call.startedAt);
  const span = tracer.startSpan(`chat ${call.model}`, {
    startTime,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": call.model,
      "gen_ai.response.model": call.servedModel ?? call.model,
      "gen_ai.usage.input_tokens": call.promptTokens,
      "gen_ai.usage.output_tokens": call.completionTokens,
      "orchestra.run_id": call.runId,
      "orchestra.cost_usd": call.costUsd,
    },
  });
  span.end(new Date(startTime.getTime() + call.durationMs));
};
