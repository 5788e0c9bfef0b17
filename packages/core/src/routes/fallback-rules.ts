import type { ErrorReason, ModelError } from "../errors/index.ts";
import { isWorthFallback } from "../resilience/index.ts";
import type { Route } from "./route.ts";

export interface FallbackRules {
  /** Whether a fallback may cost money if the role's own model is free. */
  readonly allowsPaid: boolean;
  /** Whether another model may answer a request that one refused for its content. */
  readonly allowsRefused: boolean;
}

/**
 * Whether a fallback may follow a failure: it could succeed, and the user has allowed what it would
 * do. `withheld` is a paid model instead of a free one.
 */
export function canFallBackTo(
  error: ModelError,
  primary: Route,
  fallback: Route,
  rules: FallbackRules,
): "yes" | "no" | "withheld" {
  const { reason, isFinal } = error.details;
  if (isFinal) return "no";
  if (!isWorthFallback(error) && !mayHandle(fallback, primary, reason, rules)) return "no";
  const { isFree } = fallback.cachedModelInfo();
  const isPrimaryFree = primary.cachedModelInfo().isFree;
  if (isPrimaryFree && !isFree && !rules.allowsPaid) return "withheld";
  // The day's free calls belong to the account: another free model has none left either.
  const isOfSameDay = reason === "daily_quota" && isFree && fallback.via === primary.via;
  return isOfSameDay ? "no" : "yes";
}

/** Requests that some other models can handle, and some cannot. */
function mayHandle(
  fallback: Route,
  primary: Route,
  reason: ErrorReason | undefined,
  { allowsRefused }: FallbackRules,
): boolean {
  if (reason === "content_filter" || reason === "refusal") return allowsRefused;
  if (reason !== "context_length_exceeded") return false;
  if (fallback.model === primary.model && fallback.via === primary.via) return false;
  const { contextLength: own } = primary.cachedModelInfo();
  const { contextLength: other } = fallback.cachedModelInfo();
  // If a length is unknown, the user's choice of this fallback counts.
  return own === undefined || other === undefined || other > own;
}
