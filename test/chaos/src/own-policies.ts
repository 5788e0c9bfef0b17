import { setTimeout as sleep } from "node:timers/promises";
import { ModelError, type Answer, type Policy } from "@orchestra/core";

/** Milliseconds after which a second attempt begins. */
const raceAfterMs = 20;

/** Starts a second attempt if the first one is slow or has failed: a hedge that a user could write. */
export const racing: Policy = (next) => async (attempt) => {
  const stops = [new AbortController(), new AbortController()] as const;
  let winner: 0 | 1 | undefined;
  const send = async (index: 0 | 1) => {
    const { signal } = stops[index];
    if (index === 1) await sleep(raceAfterMs, undefined, { signal });
    const answer = await next({ ...attempt, signal: AbortSignal.any([attempt.signal, signal]) });
    winner ??= index;
    stops[index === 0 ? 1 : 0].abort();
    if (winner !== index) await leave(answer);
    return answer;
  };
  try {
    return await Promise.any([send(0), send(1)]);
  } catch (failed) {
    throw (failed as AggregateError).errors[0] as Error;
  }
};

/**
 * Sends failed requests again, and also the request of every third answer. As the last policy of a call, it makes all
 * of these requests within one attempt.
 *
 * @param onRepeat - Called before the second request.
 */
export function repeating(onRepeat: () => void): Policy {
  let answers = 0;
  return (next) => async (attempt) => {
    try {
      const answer = await next(attempt);
      if ((answers += 1) % 3 > 0) return answer;
      await leave(answer);
    } catch (error) {
      if (!ModelError.isInstance(error) || attempt.signal.aborted) throw error;
    }
    onRepeat();
    return next(attempt);
  };
}

async function leave(answer: Answer): Promise<void> {
  if (answer.kind === "stream") await answer.leave();
}
