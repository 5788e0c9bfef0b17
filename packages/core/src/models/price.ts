import type { Sighting } from "../transport/index.ts";
import type { Usage } from "../usage/call-record.ts";
import type { Abilities, Candidate } from "./candidate.ts";

/**
 * Puts a price on an answer that came without one: a gateway to other providers reports tokens and
 * no cost, and the catalog's price is the best there is.
 *
 * @returns the usage with its cost as soon as the catalog is loaded, where it has not been yet
 */
export function price(
  seen: Sighting,
  candidate: Candidate,
): Promise<Usage | undefined> | undefined {
  const { usage, isCostReported } = seen;
  if (!usage || isCostReported || candidate.via !== "portkey") return undefined;
  const costUsd = costOf(usage, candidate.known());
  if (costUsd !== undefined) {
    seen.usage = { ...usage, costUsd };
    seen.isCostReported = false;
    return undefined;
  }
  return candidate.abilities().then((abilities) => {
    const late = costOf(usage, abilities);
    return late ? { ...usage, costUsd: late } : undefined;
  });
}

/** @returns `undefined` where no price is known */
function costOf(
  { promptTokens, completionTokens }: Usage,
  { promptUsd, completionUsd }: Abilities,
): number | undefined {
  if (promptUsd === undefined || completionUsd === undefined) return undefined;
  return promptTokens * promptUsd + completionTokens * completionUsd;
}
