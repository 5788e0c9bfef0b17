import type { RateLimits } from "@orchestra/core/limits";
import type { Change } from "./turn.ts";

/** Changes the given limits. */
export function limitsChange(limits: RateLimits): Change {
  return withNewEdition(({ state }) => state.setLimits(limits));
}

/** A change that starts a new edition if it affects what is allowed, so that other processes notice. */
export function withNewEdition(change: Change): Change {
  return (account, at) => {
    const describe = () => JSON.stringify(account.state.describe({ calls: 0, tokens: 0 }, at.now));
    const before = describe();
    change(account, at);
    if (describe() !== before) account.edition += 1;
  };
}
