import leven from "leven";

const maxNearest = 3;
/** Of longer ids, only the beginning is compared: the time is the product of both lengths. */
const maxCompared = 100;

/** The ids that differ least from one that no list has; of those, the ones by the same author first. */
export function nearestModels(id: string, ids: Iterable<string>): readonly string[] {
  const [author = ""] = id.split("/");
  const given = id.slice(0, maxCompared);
  const distance = (other: string) =>
    leven(given, other.slice(0, maxCompared)) -
    (other.split("/")[0] === author ? author.length : 0);
  return Array.from(ids, (other) => ({ other, distance: distance(other) }))
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, maxNearest)
    .map(({ other }) => other);
}
