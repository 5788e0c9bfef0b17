import { setImmediate } from "node:timers/promises";
import { forgetMessages, type Answer } from "../completions/index.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { errorOf } from "../errors/error-of.ts";
import { unlessAborted } from "../resilience/index.ts";
import type { Attempt } from "./attempt.ts";
import type { CallContext } from "./call-context.ts";
import { kindOf, nameOf, problemOfAnswer } from "./policy-problems.ts";
import { PolicyRequests } from "./policy-requests.ts";
import type { Policy, Send } from "./chain.ts";

/** Field of an attempt: the invocation of a policy that it belongs to. Copies of the attempt have it too. */
const requestsKey = Symbol("requests");

type WatchedAttempt<T extends Answer> = Attempt & { readonly [requestsKey]?: PolicyRequests<T> };

/**
 * A user's policy, with errors that name it. It ends when its attempt is aborted, also during
 * a wait, and some time after it has its answer.
 */
export function watched(policy: Policy): Policy {
  const watching: Policy = <T extends Answer>(next: Send<T>, call: CallContext): Send<T> => {
    // Attempts that the policy has created itself do not have the field.
    let latest = new PolicyRequests<T>(policy, call, next);
    let send: unknown;
    try {
      send = policy((attempt: WatchedAttempt<T>) => {
        const requests = (attempt as WatchedAttempt<T> | undefined)?.[requestsKey] ?? latest;
        return requests.send(attempt);
      }, call);
    } catch (error) {
      return refusing(errorOf(error, `The policy ${nameOf(policy)}`));
    }
    if (typeof send === "function") {
      return (attempt) => {
        latest = new PolicyRequests<T>(policy, call, next);
        return watchedSend(policy, send as Send<T>, attempt, latest);
      };
    }
    return refusing(
      new ArgumentError(
        `The policy ${nameOf(policy)} returned ${kindOf(send)}: expected a function, such as (attempt) => next(attempt)`,
      ),
    );
  };
  return Object.defineProperty(watching, "name", { value: policy.name });
}

/** Errors are for the call, whose record exists by then. */
function refusing(error: unknown): () => Promise<never> {
  return async () => {
    throw error;
  };
}

async function watchedSend<T extends Answer>(
  policy: Policy,
  send: Send<T>,
  attempt: Attempt,
  requests: PolicyRequests<T>,
): Promise<T> {
  forgetMessages(attempt.request.messages);
  // The policy may change the answer in place.
  const own: WatchedAttempt<T> = { ...attempt, keepsJson: false, [requestsKey]: requests };
  try {
    const answer = await untilAbandoned(send, own, requests);
    const problem = problemOfAnswer(answer);
    if (!problem) return requests.book(answer);
    throw new ArgumentError(
      `The policy ${nameOf(policy)} resolved to ${problem}: expected the answer that next(attempt) resolves to`,
    );
  } catch (error) {
    await requests.leave();
    throw requests.lose(errorOf(error, `The policy ${nameOf(policy)}`), attempt.signal);
  }
}

/** After an abort, the requests of the policy may end first: their error has the metadata of the response. */
async function untilAbandoned<T extends Answer>(
  send: Send<T>,
  attempt: Attempt,
  requests: PolicyRequests<T>,
): Promise<T> {
  const { signal } = attempt;
  // An async function turns a synchronous error of the policy into a rejection.
  const sent = (async () => send(attempt))();
  try {
    return await unlessAborted(requests.until(sent), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    await Promise.allSettled(requests.underWay);
    const abandoned = setImmediate().then(() => Promise.reject(error));
    return Promise.race([sent, abandoned]);
  } finally {
    requests.settle();
  }
}
