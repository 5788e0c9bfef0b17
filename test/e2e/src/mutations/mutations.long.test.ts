import { expect, test } from "vitest";
import { checkMutations } from "./property.ts";

/** `MUTATIONS=5000 pnpm test:long mutations` tries more cases, and `PROPERTY_SEED` others. */
const numRuns = Number(process.env["MUTATIONS"] ?? 1500);

test(
  `${numRuns} answers that are changed anywhere end in an answer or a typed error, and leave nothing open`,
  { timeout: 60_000 + numRuns * 1000 },
  async () => {
    await expect(checkMutations(numRuns)).resolves.toBeUndefined();
  },
);
