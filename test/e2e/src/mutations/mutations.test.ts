import { expect, test } from "vitest";
import { checkMutations } from "./property.ts";

/** As many as one likes: mutations.long.test.ts. */
const numRuns = 20;

test(`${numRuns} answers that are changed anywhere end in an answer or a typed error, and leave nothing open`, async () => {
  await expect(checkMutations(numRuns)).resolves.toBeUndefined();
});
