import type { JournalCodec, JournalEntry } from "../journal/index.ts";
import { isJson } from "../journal/index.ts";
import { requestKey } from "../resilience/coalesce/index.ts";
import type { CallInput, CallPlan } from "./call-context.ts";
import type { CallResult } from "./services.ts";

/** What makes two calls the same; `undefined` for a call that JSON cannot tell from others. */
export function callKey(
  { role, routes }: CallPlan,
  { request, outputSchema }: CallInput,
): string | undefined {
  // Whether an answer is streamed changes nothing about what is asked.
  const { stream: _, stream_options: __, ...asked } = request;
  const models = routes.map(({ model }) => model);
  const schema = outputSchema && [outputSchema.jsonSchema, outputSchema.keepsToolCall];
  try {
    return requestKey(JSON.parse(JSON.stringify({ role, models, asked, schema })));
  } catch {
    return undefined;
  }
}

/** The call's place in its run's journal; `undefined` for a call that JSON cannot tell from others. */
export function callEntry(plan: CallPlan, input: CallInput): JournalEntry | undefined {
  const request = callKey(plan, input);
  if (request === undefined) return undefined;
  return { kind: "call", step: input.step ?? "", name: plan.role, request };
}

/** Journals keep the completion as it came over the wire, and the call's record. */
export const callResultCodec: JournalCodec<CallResult> = {
  serialize: (result) => (isJson(result) ? result : undefined),
  restore: (stored) => stored as CallResult,
};

/** Says that a call was answered from the journal. */
export function emitReplay(
  { role, services }: CallPlan,
  { scope: { runId, onEvent } }: CallInput,
  { record }: CallResult,
): void {
  services.emit({ type: "call-replay", runId, callId: record.id, role, record }, onEvent);
}
