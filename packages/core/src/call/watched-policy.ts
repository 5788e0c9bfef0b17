import { setImmediate } from "node:timers/promises";
import { forgetMessages, type Answer } from "../completions/index.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { errorOf } from "../errors/error-of.ts";
import { ModelError } from "../errors/index.ts";
import { unlessAborted } from "../resilience/index.ts";
import type { Attempt } from "./attempt.ts";
import type { CallContext } from "./call-context.ts";
import { kindOf, nameOf, problemOf, problemOfAnswer } from "./policy-problems.ts";
import { responses, type Policy, type Send } from "./chain.ts";

/** Where an attempt carries along which send of a policy it belongs to: copies of it have it too. */
const requestsKey = Symbol("requests");

type WatchedAttempt<T extends Answer> = Attempt & { readonly [requestsKey]?: Requests<T> };

/**
 * A user's policy, with errors that name it. It ends when its attempt is aborted, whatever it waits for,
 * and a while after it has its answer.
 */
export function watched(policy: Policy): Policy {
  const watching: Policy = <T extends Answer>(next: Send<T>, call: CallContext): Send<T> => {
    // Attempts that the policy has made itself do not say which send they belong to.
    let latest = new Requests<T>(policy, call, next);
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
        latest = new Requests<T>(policy, call, next);
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

/** Errors are for the call, which has its record then. */
function refusing(error: unknown): () => Promise<never> {
  return async () => {
    throw error;
  };
}

async function watchedSend<T extends Answer>(
  policy: Policy,
  send: Send<T>,
  attempt: Attempt,
  requests: Requests<T>,
): Promise<T> {
  forgetMessages(attempt.request.messages);
  // The policy may change the answer in place.
  const own: WatchedAttempt<T> = { ...attempt, keepsJson: false, [requestsKey]: requests };
  let answer: T;
  try {
    answer = await untilAbandoned(send, own, requests);
  } catch (error) {
    throw requests.lose(errorOf(error, `The policy ${nameOf(policy)}`));
  }
  const problem = problemOfAnswer(answer);
  if (!problem) return answer;
  await requests.leave();
  throw requests.lose(
    new ArgumentError(
      `The policy ${nameOf(policy)} resolved to ${problem}: expected the answer that next(attempt) resolves to`,
    ),
  );
}

/** The requests of a policy for one attempt that it got. */
class Requests<T extends Answer> {
  readonly #policy: Policy;
  readonly #call: CallContext;
  readonly #next: Send<T>;
  readonly underWay = new Set<Promise<unknown>>();
  /** Rejects when the policy has its answer, and does not return. */
  readonly #overdue = Promise.withResolvers<never>();
  #answer: T | undefined;
  #cancel: (() => void) | undefined;

  constructor(policy: Policy, call: CallContext, next: Send<T>) {
    this.#policy = policy;
    this.#call = call;
    this.#next = next;
    this.#overdue.promise.catch(() => undefined);
  }

  send(attempt: Attempt): Promise<T> {
    const problem = problemOf(attempt);
    if (problem) {
      return Promise.reject(
        new ArgumentError(
          `The policy ${nameOf(this.#policy)} called next with ${problem}: expected the attempt that it got, or a copy such as { ...attempt, route }`,
        ),
      );
    }
    this.settle();
    const sent = this.#next(attempt);
    this.underWay.add(sent);
    void this.#follow(sent);
    return sent;
  }

  async #follow(sent: Promise<T>): Promise<void> {
    try {
      this.#answer = await sent;
      this.underWay.delete(sent);
      if (this.underWay.size === 0) this.#limit();
    } catch {
      // The policy has the failure.
      this.underWay.delete(sent);
    }
  }

  /** @throws {ModelError} where the policy has had an answer for too long */
  until(sent: Promise<T>): Promise<T> {
    return Promise.race([sent, this.#overdue.promise]);
  }

  /** The policy has returned, or sends again. */
  settle(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Ends what the policy does not pass on. */
  async leave(): Promise<void> {
    if (this.#answer?.kind === "stream") await this.#answer.leave();
  }

  /** Notes of an error what the response had shown whose answer is lost with it: it has a price. */
  lose(error: unknown): unknown {
    if (this.#answer) responses.set(error as object, this.#answer.metadata);
    return error;
  }

  #limit(): void {
    const { clock, toolLimits } = this.#call.services;
    const { timeoutMs } = toolLimits;
    this.#cancel = clock.after(timeoutMs, () => {
      void this.leave();
      this.#overdue.reject(
        new ModelError(
          `The policy ${nameOf(this.#policy)} did not return within ${timeoutMs / 1000} s after it had its answer (LLM_TOOL_TIMEOUT)`,
          { kind: "unknown_error", isFinal: true },
        ),
      );
    });
  }
}

/** After an abort, what the policy has sent may end first: its error says what the response had shown. */
async function untilAbandoned<T extends Answer>(
  send: Send<T>,
  attempt: Attempt,
  requests: Requests<T>,
): Promise<T> {
  const { signal } = attempt;
  // An async function turns what the policy throws at once into a rejection.
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
