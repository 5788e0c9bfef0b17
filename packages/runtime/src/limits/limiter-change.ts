import type { RateLimits, Refusal } from "@orchestra/core/limits";
import type { BookedSlot } from "./booked-slot.ts";

/**
 * A change of an account's limiter that a process sends to the database, as JSON. An infinite number
 * becomes `null`. Instants are by the shared clock, except where noted.
 */
export type LimiterChange =
  /** The request of a booked slot has ended. */
  | {
      readonly type: "settle";
      readonly until: number;
      readonly tokens: number;
      /** The end of the request, or an instant shortly after it. */
      readonly endedAt: number;
      readonly spent: number;
      readonly isAnswered: boolean;
    }
  /** A booked slot was not used. */
  | {
      readonly type: "return";
      readonly takenAt: number;
      readonly until: number;
      readonly tokens: number;
    }
  /** The server refused a request; `until` is by the process's own clock. */
  | ({ readonly type: "refuse" } & Refusal)
  | { readonly type: "limits"; readonly limits: RateLimits }
  /** A count of the current UTC day that was made elsewhere. */
  | { readonly type: "day"; readonly used: number };

export function returnOf({ takenAt, until, tokens }: BookedSlot): LimiterChange {
  return { type: "return", takenAt, until, tokens };
}
