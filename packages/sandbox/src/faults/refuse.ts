import type { Fault } from "./fault.ts";
import type { Refusal } from "./refusal.ts";
import { REFUSALS, type RefusalContext, type RefusalName } from "./refusals.ts";
import { statusRefusal } from "./status-refusal.ts";

/** The refusal of a fault, or `undefined` if the answer begins. */
export function refuse(fault: Fault, context: RefusalContext): Refusal | undefined {
  if (fault.fault === "status") {
    const refusal = statusRefusal(fault.status, withRetryAfter(context, fault.retryAfterSeconds));
    return {
      ...refusal,
      headers: { ...refusal.headers, ...fault.headers },
      ...(fault.body !== undefined && { body: fault.body }),
    };
  }
  if (!isRefusalFault(fault)) return undefined;
  const build: (context: RefusalContext) => Refusal = REFUSALS[fault.fault];
  const refusal = build(withRetryAfter(context, fault.retryAfterSeconds));
  return { ...refusal, headers: { ...refusal.headers, ...fault.headers } };
}

function isRefusalFault(fault: Fault): fault is Extract<Fault, { fault: RefusalName }> {
  return Object.hasOwn(REFUSALS, fault.fault);
}

function withRetryAfter(context: RefusalContext, retryAfterSeconds: number | undefined) {
  return retryAfterSeconds === undefined ? context : { ...context, retryAfterSeconds };
}
