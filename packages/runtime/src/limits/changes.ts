import type { RateLimits } from "@orchestra/core/limits";
import type { Change } from "./turn.ts";

/** Changes the limits that are named. */
export function limitsChange(limits: RateLimits): Change {
  return noted(({ state }) => state.setLimits(limits));
}

/** A change that others have to be told of: where it changes what is allowed, there is a new edition of that. */
export function noted(change: Change): Change {
  return (account, at) => {
    const seen = () => JSON.stringify(account.state.describe({ calls: 0, tokens: 0 }, at.now));
    const before = seen();
    change(account, at);
    if (seen() !== before) account.edition += 1;
  };
}
