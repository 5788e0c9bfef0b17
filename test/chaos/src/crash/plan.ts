import { createRandom, type Random } from "../random.ts";
import type { Case } from "./case.ts";
import type { Harm, Moment } from "./breakable-database.ts";
import { shapeNames, type ShapeName } from "./shapes.ts";

const moments: readonly Moment[] = ["unsent", "unheard"];

/**
 * The cases of one place, in the order in which they are executed: each statement of each shape, before and after its
 * execution, shuffled; then the same again, in another order.
 *
 * @param statements - Number of statements of a run of each shape.
 */
export function* casesOf(
  harm: Harm,
  statements: Readonly<Record<ShapeName, number>>,
  seed: number,
): Generator<Case, never> {
  const random = createRandom(seed);
  const all = shapeNames.flatMap((shape) =>
    moments.flatMap((moment) =>
      Array.from({ length: statements[shape] }, (_, statement) => ({
        shape,
        moment,
        statement,
        harm,
      })),
    ),
  );
  for (;;) {
    for (const each of shuffled(all, random)) {
      yield { ...each, comesBack: random() < 0.5 ? "early" : "late" };
    }
  }
}

function shuffled<T>(all: readonly T[], random: Random): readonly T[] {
  return all
    .map((item) => ({ item, place: random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
