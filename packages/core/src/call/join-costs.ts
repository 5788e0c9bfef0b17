import type { LateUsage, ResponseMetadata } from "../usage/response-metadata.ts";
import { addUsage, noUsage } from "../usage/usage.ts";

/** The known cost of a request; `undefined` if it cost nothing. */
type Cost = ResponseMetadata | undefined;

/** Metadata with final costs: unknown ones have already been looked up. */
const joined = new WeakSet<ResponseMetadata>();

export function isJoined(metadata: ResponseMetadata): boolean {
  return joined.has(metadata);
}

/**
 * The metadata of one of several requests, with the cost of all of them. If one of the costs is not yet
 * known, the sum is a promise.
 *
 * @param costs - A promise for a request in flight.
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
  // The usage of some requests is unknown: the known sum is a minimum.
  return billed.length > 0 && billed.every(({ usage }) => !usage) ? undefined : sumOf(billed);
}

function sumOf(parts: readonly Pick<ResponseMetadata, "usage" | "costSource">[]) {
  const isEstimate = parts.some(({ costSource }) => costSource === "catalog");
  const isKnown = parts.every(({ costSource }) => costSource);
  const usage = parts.reduce((sum, part) => addUsage(sum, part.usage ?? noUsage), noUsage);
  const source = isEstimate ? ("catalog" as const) : ("server" as const);
  return { usage, costSource: isKnown ? source : undefined };
}
