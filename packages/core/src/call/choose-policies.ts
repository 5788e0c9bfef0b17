import { ArgumentError } from "../errors/argument-error.ts";
import type { Policy } from "./chain.ts";
import { policies } from "./policies.ts";
import { callTimeout } from "./policies/call-timeout.ts";
import { nameOf } from "./policy-problems.ts";
import { watched } from "./watched-policy.ts";

/** Chooses the policies of every call from the built-in ones, outermost first. */
export type ChoosePolicies = (defaults: readonly Policy[]) => readonly Policy[];

const example = "such as (defaults) => [myPolicy, ...defaults]";

/**
 * The policies that a user chose. The user's own policies are checked: if one returns no function or no answer,
 * the error names it. If one never settles, it ends with the call.
 *
 * @param warn - Receives warnings about choices that are allowed but probably mistakes.
 * @throws {ArgumentError} for a value that is not a list of policies, or has one of them twice
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
      `options.policies does not contain ${namesOf(missing)}: calls run without them. To keep all, return [myPolicy, ...defaults].`,
    );
  }
}

/**
 * `callTimeout` limits the whole call. If it is the first of the built-in policies, the user's own
 * policies are inside it too.
 */
function withTimeoutOutermost(chosen: readonly Policy[]): readonly Policy[] {
  const first = chosen.find((policy) => policies.includes(policy));
  if (first !== callTimeout) return chosen;
  return [callTimeout, ...chosen.filter((policy) => policy !== callTimeout)];
}

function namesOf(list: readonly Policy[]): string {
  return list.map(nameOf).join(", ");
}
