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
 * user has not asked for.
 */
export function canTakeOver(
  error: ModelError,
  primary: Candidate,
  candidate: Candidate,
  options: TakeOverOptions,
): boolean {
  const { reason } = error.details;
  if (!isMendedElsewhere(error) && !isMendedBy(candidate, primary, reason, options)) return false;
  const isFree = candidate.known().isFree;
  if (primary.known().isFree && !isFree && !options.allowsPaid) return false;
  // The day's free calls are the account's: another free model has none left either.
  return !(reason === "daily_quota" && isFree && candidate.via === primary.via);
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
