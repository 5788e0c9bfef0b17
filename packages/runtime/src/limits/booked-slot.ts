/** A slot that is booked in the database for this process. If no caller gets it, it is returned. */
export interface BookedSlot {
  /** When it was booked, by the shared clock. */
  readonly takenAt: number;
  /** Earliest instant at which it may be used: it becomes free then. */
  readonly from: number;
  /** Latest instant at which it may be used. It is booked for that instant. */
  readonly until: number;
  readonly tokens: number;
  /** When the statement was sent, by the process's own clock: shortly before the slot was booked. */
  readonly sentAt: number;
}

/** When a slot expires by the process's own clock, or shortly before that. */
export function expiresAt({ takenAt, until, sentAt }: BookedSlot): number {
  return sentAt + (until - takenAt);
}

/**
 * Converts an instant of the process's own clock to the shared clock. The result may be late by the
 * time that it took to book the slot.
 */
export function sharedTimeOf({ takenAt, sentAt }: BookedSlot, now: number): number {
  return takenAt + Math.max(0, now - sentAt);
}
