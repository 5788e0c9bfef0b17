import type { LateUsage, ResponseMetadata } from "../usage/response-metadata.ts";
import { addUsage, noUsage } from "../usage/usage.ts";

/** What a request cost, as far as it is known; `undefined` for nothing. */
type Cost = ResponseMetadata | undefined;

/** Metadata whose costs are final: what is not known of them has been asked for. */
const joined = new WeakSet<ResponseMetadata>();

export function isJoined(metadata: ResponseMetadata): boolean {
  return joined.has(metadata);
}

/**
 * The metadata of one of several requests, with the cost of all of them. Where one does not say yet what it
 * cost, the sum is promised.
 *
 * @param costs - A promise for a request that is under way.
 */
export function joinCosts(
  own: ResponseMetadata,
  costs: readonly (Cost | Promise<Cost>)[],
): ResponseMetadata {
  const ended = costs.filter((cost) => !(cost instanceof Promise) && cost !== undefined);
  const sum = sumOf(ended as readonly ResponseMetadata[]);
  const isKnown = sum.costSource && !costs.some((cost) => cost instanceof Promise);
  const unknown = { usage: undefined, costSource: undefined };
  const metadata = {
    ...own,
    ...(isKnown ? sum : unknown),
    lateUsage: isKnown ? undefined : lateSum(costs),
  };
  joined.add(metadata);
  return metadata;
}

async function lateSum(costs: readonly (Cost | Promise<Cost>)[]): Promise<LateUsage | undefined> {
  const late: Cost[] = await Promise.all(
    costs.map(async (given) => {
      const cost = await given;
      return cost && !cost.costSource ? ((await cost.lateUsage) ?? cost) : cost;
    }),
  );
  const billed = late.filter((cost) => cost !== undefined);
  // Of requests without usage nothing is known: what is known is the least that was paid.
  return billed.length > 0 && billed.every(({ usage }) => !usage) ? undefined : sumOf(billed);
}

function sumOf(parts: readonly Pick<ResponseMetadata, "usage" | "costSource">[]) {
  const isEstimate = parts.some(({ costSource }) => costSource === "catalog");
  const isKnown = parts.every(({ costSource }) => costSource);
  const usage = parts.reduce((sum, part) => addUsage(sum, part.usage ?? noUsage), noUsage);
  const source = isEstimate ? ("catalog" as const) : ("server" as const);
  return { usage, costSource: isKnown ? source : undefined };
}
