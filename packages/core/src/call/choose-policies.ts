import { setImmediate } from "node:timers/promises";
import { ArgumentError } from "../errors/argument-error.ts";
import { unlessAborted } from "../resilience/index.ts";
import type { Answer } from "../completions/index.ts";
import type { Attempt } from "./attempt.ts";
import type { Policy, Send } from "./chain.ts";
import { policies } from "./policies.ts";
import { callTimeout } from "./policies/call-timeout.ts";

/** Chooses the policies of every call from the built-in ones, outermost first. */
export type ChoosePolicies = (defaults: readonly Policy[]) => readonly Policy[];

const example = "such as (defaults) => [myPolicy, ...defaults]";

/**
 * The policies that a user chose. Their own are watched: one that returns no function or no answer is
 * named in the error, and one that never settles ends with the call.
 *
 * @param warn - Receives what is allowed and probably not meant.
 * @throws {ArgumentError} for a list that is none of policies, or has one of them twice
 */
export function choosePolicies(
  choose: ChoosePolicies | undefined,
  warn: (message: string) => void,
): readonly Policy[] {
  if (choose === undefined) return policies;
  const chosen = listOf(choose);
  const twice = chosen.find((policy, index) => chosen.indexOf(policy) !== index);
  if (twice) {
    throw new ArgumentError(
      `new Orchestra(): options.policies returned ${nameOf(twice)} twice: expected each policy once. Remove one of them.`,
    );
  }
  warnOfChanges(chosen, warn);
  return withTimeoutOutermost(chosen).map((policy) =>
    policies.includes(policy) ? policy : watched(policy),
  );
}

function listOf(choose: unknown): readonly Policy[] {
  const chosen: unknown = typeof choose === "function" ? choose(policies) : undefined;
  if (Array.isArray(chosen) && chosen.every((policy) => typeof policy === "function"))
    return chosen;
  throw new ArgumentError(
    `new Orchestra(): options.policies must be a function that returns an array of policies, ${example}`,
  );
}

/** Another order, and fewer policies, are the user's choice; they may also be a mistake. */
function warnOfChanges(chosen: readonly Policy[], warn: (message: string) => void): void {
  const builtIn = chosen.filter((policy) => policies.includes(policy));
  const inOrder = policies.filter((policy) => builtIn.includes(policy));
  if (builtIn.some((policy, index) => policy !== inOrder[index])) {
    warn(
      `options.policies changes the order of the built-in policies to ${namesOf(builtIn)}. The order decides what each of them limits and counts: ${namesOf(inOrder)} is the default.`,
    );
  }
  const missing = policies.filter((policy) => !builtIn.includes(policy));
  if (missing.length > 0) {
    warn(
      `options.policies leaves out ${namesOf(missing)}: calls do without what they do. To keep all, return [myPolicy, ...defaults].`,
    );
  }
}

/**
 * `callTimeout` limits the whole call. Where it is the first of the built-in policies, the user's own
 * are inside it too.
 */
function withTimeoutOutermost(chosen: readonly Policy[]): readonly Policy[] {
  const first = chosen.find((policy) => policies.includes(policy));
  if (first !== callTimeout) return chosen;
  return [callTimeout, ...chosen.filter((policy) => policy !== callTimeout)];
}

/** A user's policy, with errors that name it. It ends when its attempt is aborted, whatever it waits for. */
function watched(policy: Policy): Policy {
  const watching: Policy = (next, call) => {
    const underWay = new Set<Promise<unknown>>();
    const watchedNext: typeof next = (attempt) => {
      const problem = problemOf(attempt);
      if (problem) {
        return Promise.reject(
          new ArgumentError(
            `The policy ${nameOf(policy)} called next with ${problem}: expected the attempt that it got, or a copy such as { ...attempt, route }`,
          ),
        );
      }
      const sent = next(attempt);
      underWay.add(sent);
      const end = () => underWay.delete(sent);
      sent.then(end, end);
      return sent;
    };
    const send: unknown = policy(watchedNext, call);
    if (typeof send !== "function") {
      throw new ArgumentError(
        `The policy ${nameOf(policy)} returned ${kindOf(send)}: expected a function, such as (attempt) => next(attempt)`,
      );
    }
    return async (attempt) => {
      const answer = await untilAbandoned(send as typeof next, attempt, underWay);
      const problem = problemOfAnswer(answer);
      if (problem) {
        throw new ArgumentError(
          `The policy ${nameOf(policy)} resolved to ${problem}: expected the answer that next(attempt) resolves to`,
        );
      }
      return answer;
    };
  };
  return Object.defineProperty(watching, "name", { value: policy.name });
}

/** After an abort, what the policy has sent may end first: its error says what the response had shown. */
async function untilAbandoned<T extends Answer>(
  send: Send<T>,
  attempt: Attempt,
  underWay: ReadonlySet<Promise<unknown>>,
): Promise<T> {
  const { signal } = attempt;
  // An async function turns what the policy throws at once into a rejection.
  const sent = (async () => send(attempt))();
  try {
    return await unlessAborted(sent, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    await Promise.allSettled(underWay);
    const abandoned = setImmediate().then(() => Promise.reject(error));
    return Promise.race([sent, abandoned]);
  }
}

/** What cannot be sent; `undefined` for an attempt. */
function problemOf(attempt: unknown): string | undefined {
  if (!isObject(attempt)) return "no attempt";
  const { route, request, signal } = attempt;
  if (!isObject(route) || typeof route["sendCompletion"] !== "function" || !route["memory"]) {
    return "a route that is none of the call's";
  }
  const messages = isObject(request) ? request["messages"] : undefined;
  if (!Array.isArray(messages) || !messages.every(isObject)) {
    return "a request without a list of messages";
  }
  return signal instanceof AbortSignal ? undefined : "no signal";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** What cannot be read as an answer; `undefined` for one. */
function problemOfAnswer(answer: unknown): string | undefined {
  if (!isObject(answer) || !isObject(answer["metadata"])) return kindOf(answer);
  const { kind, completion, read } = answer;
  if (kind !== "whole") return typeof read === "function" ? undefined : kindOf(answer);
  const choices = isObject(completion) ? completion["choices"] : undefined;
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  if (isObject(first) && isObject(first["message"])) return undefined;
  const what = isObject(completion) ? "has no choice with a message" : `is ${String(completion)}`;
  return `an answer whose completion ${what}`;
}

function namesOf(list: readonly Policy[]): string {
  return list.map(nameOf).join(", ");
}

function nameOf({ name }: Policy): string {
  return name === "" ? "without a name" : name;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object that is no answer";
  return typeof value === "function" ? "a function" : String(value);
}
