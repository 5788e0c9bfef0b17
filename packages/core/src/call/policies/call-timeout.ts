import { ModelError } from "../../errors/index.ts";
import { Deadline } from "../../resilience/index.ts";
import type { Policy } from "../chain.ts";
import { nameOf } from "../timeouts.ts";

/** Limits the time of a call, with its retries, fallbacks and waits (`LLM_CALL_TIMEOUT`). */
export const callTimeout: Policy = (next, { timeouts, services: { clock } }) => {
  const { callMs, names } = timeouts;
  if (callMs === undefined) return next;
  // A stream that starts again has the remaining time.
  const endsAt = clock.now() + callMs;
  return async (attempt) => {
    const deadline = new Deadline({
      timeoutMs: Math.max(0, endsAt - clock.now()),
      clock,
      signal: attempt.signal,
      onTimeout: () =>
        new ModelError(`The call did not finish within ${callMs / 1000} s`, {
          kind: "timeout_error",
          reason: "call_timeout",
          setting: nameOf("callMs", names),
        }),
    });
    const stop = () => deadline[Symbol.dispose]();
    try {
      const answer = await deadline.race(next({ ...attempt, signal: deadline.signal }));
      if (answer.kind === "stream") {
        answer.onEnd(stop);
        // A stream that is not read does not keep the process alive.
        deadline.continueInBackground();
      } else stop();
      return answer;
    } catch (error) {
      stop();
      throw error;
    }
  };
};
