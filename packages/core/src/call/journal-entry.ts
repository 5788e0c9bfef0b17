import { isJson, outlineOf, type JournalCodec, type JournalEntry } from "../journal/index.ts";
import { requestKey } from "../resilience/coalesce/index.ts";
import type { CallInput, CallPlan } from "./call-context.ts";
import type { CallResult } from "./services.ts";

/** Two calls with the same key are the same; `undefined` for a call that JSON cannot distinguish from others. */
export function callKey(plan: CallPlan, input: CallInput): string | undefined {
  try {
    return requestKey(JSON.parse(JSON.stringify(askedOf(plan, input))));
  } catch {
    return undefined;
  }
}

function askedOf({ role, routes }: CallPlan, { request, outputSchema }: CallInput) {
  // Whether an answer is streamed does not change the call.
  const { stream: _, stream_options: __, ...asked } = request;
  const models = routes.map(({ model }) => model);
  const schema = outputSchema && [outputSchema.jsonSchema, outputSchema.keepsToolCall];
  return { role, models, asked, schema };
}

/** The call's entry in its run's journal; `undefined` for a call that JSON cannot distinguish from others. */
export function callEntry(plan: CallPlan, input: CallInput): JournalEntry | undefined {
  const request = callKey(plan, input);
  if (request === undefined) return undefined;
  const outline = () => {
    const { models, asked, schema } = askedOf(plan, input);
    const { model: _, ...fields } = asked;
    return outlineOf(JSON.parse(JSON.stringify({ models, ...fields, schema })) as object);
  };
  return { kind: "call", step: input.step ?? "", name: plan.role, request, outline };
}

/** Journals contain the completion as it was received, and the call's record. */
export const callResultCodec: JournalCodec<CallResult> = {
  serialize: (result) => (isJson(result) ? result : undefined),
  restore: (stored) => stored as CallResult,
};

/** Emits the event of a call that was answered from the journal. */
export function emitReplay(
  { role, services }: CallPlan,
  { scope: { runId, parentId, onEvent } }: CallInput,
  { record }: CallResult,
): void {
  const parent = parentId === undefined ? {} : { parentId };
  services.emit(
    { type: "call-replay", runId, callId: record.id, ...parent, role, record },
    onEvent,
  );
}
