import type { Completion } from "../completions/index.ts";
import { OrchestraError } from "../errors/index.ts";
import { journaled } from "../journal/index.ts";
import type { CallContext, CallInput, CallPlan } from "./call-context.ts";
import { callEntry, callKey, callResultCodec, emitReplay } from "./journal-entry.ts";
import {
  closeCall,
  composeChain,
  failCall,
  firstAttempt,
  sendOptions,
  startCall,
  type Policy,
} from "./chain.ts";
import { planOfRun } from "./run-models.ts";
import type { CallResult } from "./services.ts";

/**
 * Calls the model for a whole answer: from the run's journal,
 * from an identical call in flight, or by requests.
 *
 * @throws {CallFailedError} when retries and fallbacks are used up; the signal's reason on an abort
 */
export function completeCall(
  policies: readonly Policy[],
  planOfRole: CallPlan,
  input: CallInput,
): Promise<CallResult> {
  const plan = input.scope.models ? planOfRun(planOfRole, input) : planOfRole;
  const { coalescer } = plan.services;
  const entry = input.journal && callEntry(plan, input);
  if (!entry && !coalescer) return complete(policies, plan, input);
  const work = () =>
    coalescer ? coalesced(coalescer, policies, plan, input) : complete(policies, plan, input);
  if (!entry) return work();
  const onReplay = (result: CallResult) => emitReplay(plan, input, result);
  return journaled(input.journal, entry, work, callResultCodec, onReplay);
}

/**
 * Joins an identical call in flight, if the settings allow it. Only calls with the same client's key are joined:
 * each key has its own budget and permissions.
 */
async function coalesced(
  coalescer: NonNullable<CallPlan["services"]["coalescer"]>,
  policies: readonly Policy[],
  plan: CallPlan,
  input: CallInput,
): Promise<CallResult> {
  const asked = callKey(plan, input);
  if (asked === undefined) return complete(policies, plan, input);
  const { scope, signal } = input;
  const key = `${asked} ${scope.key?.id ?? ""}`;
  let isOwn = false;
  const work = (shared?: AbortSignal) => {
    isOwn = true;
    return complete(policies, plan, { ...input, signal: shared });
  };
  const join = (joinKey: string) => coalescer.run(joinKey, work, signal);
  const result = await join(key).catch((error: unknown) => {
    // The budget is that of the joined run: the budget of this run may be sufficient.
    if (!isOwn && isOfBudget(error)) return join(`${key} ${scope.runId}`);
    throw error;
  });
  // Each caller gets its own copy of the answer, which it may change.
  return structuredClone(result);
}

function isOfBudget(error: unknown): boolean {
  return OrchestraError.isInstance(error) && error.code === "budget_error";
}

async function complete(
  policies: readonly Policy[],
  plan: CallPlan,
  input: CallInput,
): Promise<CallResult> {
  const call = startCall(plan, input, false);
  const { log } = call;
  try {
    const send = composeChain(policies, call, (attempt) =>
      attempt.route.sendCompletion(sendOptions(attempt, call)),
    );
    const { completion, metadata } = await send(firstAttempt(call));
    if (log.openAttempts > 0) await log.idle();
    const { content, tool_calls: calls } = completion.choices[0]?.message ?? {};
    if (calls) reportToolCalls(calls, call);
    if (call.services.budget?.isLimited) closeCall(call);
    return { completion, record: log.succeed(content ?? "", metadata) };
  } catch (error) {
    throw await failCall(call, error);
  }
}

function reportToolCalls(
  calls: NonNullable<Completion["choices"][number]["message"]["tool_calls"]>,
  { log }: CallContext,
): void {
  for (const call of calls) {
    if (call.type !== "function") continue;
    const { name: tool, arguments: text } = call.function;
    log.emit({ type: "tool-call", tool, input: parse(text) });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return text;
  }
}
