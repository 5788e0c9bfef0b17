import type { AcquireOptions, Slot, SlotEnd } from "../../resilience/rate-limiter/index.ts";
import type { AccountLimiter } from "./account-limiter.ts";

/** A limiter in a database lets each request wait for a short time. */
const maxRounds = 4;

/**
 * One slot for a request that needs two limiters. A slot counts from the time it was granted. If the
 * second limiter makes the request wait, the first slot is acquired again, or its window would end too early.
 *
 * Only one caller at a time: several would take each other's slots in between.
 *
 * @returns `undefined` if neither limiter has a limit
 * @throws what a limiter throws; neither slot is then held
 */
export async function acquireBoth(
  first: AccountLimiter,
  second: AccountLimiter,
  options: AcquireOptions,
): Promise<Slot | undefined> {
  let held = await first.acquire(options);
  if (!held) return second.acquire(options);
  let limiters = { holding: first, asked: second };
  let waitedMs = held.waitedMs;
  for (let rounds = maxRounds; ; rounds -= 1) {
    const { holding, asked } = limiters;
    const other = await orSettle(held, asked.acquire(options));
    if (!other) return held;
    waitedMs += other.waitedMs;
    if (other.waitedMs === 0 || rounds === 1) return joinSlots(held, other, waitedMs);
    await held.settle({ isUnused: true });
    held = other;
    limiters = { holding: asked, asked: holding };
  }
}

async function orSettle(held: Slot, other: Promise<Slot | undefined>): Promise<Slot | undefined> {
  try {
    return await other;
  } catch (error) {
    await held.settle({ isUnused: true });
    throw error;
  }
}

function joinSlots(first: Slot, second: Slot, waitedMs: number): Slot {
  const settle = async (end?: SlotEnd): Promise<void> => {
    await Promise.all([first.settle(end), second.settle(end)]);
  };
  return {
    grantedAt: second.grantedAt,
    waitedMs,
    settle,
    [Symbol.asyncDispose]: () => settle(),
  };
}
