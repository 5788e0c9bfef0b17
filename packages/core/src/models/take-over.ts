import type { ErrorReason, ModelError } from "../errors/index.ts";
import { isMendedElsewhere } from "../resilience/index.ts";
import type { Candidate } from "./candidate.ts";

export interface TakeOverOptions {
  /** Lets a fallback cost money where the role's own model is free. */
  readonly allowsPaid: boolean;
  /** Lets another model answer what one refused for its content. */
  readonly allowsRefused: boolean;
}

/**
 * Whether a fallback may take over from a failure: it could mend it, and it would not do what the
 * user has not asked for, or it is withheld for that.
 */
export function canTakeOver(
  error: ModelError,
  primary: Candidate,
  candidate: Candidate,
  options: TakeOverOptions,
): "yes" | "no" | "withheld" {
  const { reason } = error.details;
  if (!isMendedElsewhere(error) && !isMendedBy(candidate, primary, reason, options)) return "no";
  const isFree = candidate.known().isFree;
  if (primary.known().isFree && !isFree && !options.allowsPaid) return "withheld";
  // The day's free calls are the account's: another free model has none left either.
  const isOfSameDay = reason === "daily_quota" && isFree && candidate.via === primary.via;
  return isOfSameDay ? "no" : "yes";
}

/** What some other models mend, and some do not. */
function isMendedBy(
  candidate: Candidate,
  primary: Candidate,
  reason: ErrorReason | undefined,
  { allowsRefused }: TakeOverOptions,
): boolean {
  if (reason === "content_filter") return allowsRefused;
  if (reason !== "context_length_exceeded") return false;
  const { contextLength = 0 } = candidate.known();
  return contextLength > (primary.known().contextLength ?? 0);
}
