import * as fc from "fast-check";
import { expect, inject, test } from "vitest";
import { describeDatabases, describeServerFirst } from "./databases.ts";
import { histories, problemsOf, scriptedPipeline } from "./histories.ts";
import { startTestRuntime } from "./test-runtime.ts";

/** Histories that run at the same time. */
const together = 12;

/** Timeout: PGlite takes half a second for each on a busy machine. */
const leastMs = 600_000;
const eachMs = 2000;

/** Tries histories of runs on two workers; among the long tests on both databases. */
export function describeHistories(count: number): void {
  const describeEach = inject("pace") === "quick" ? describeServerFirst : describeDatabases;
  describeEach("whatever is done to a run, at any time", (open) => {
    test(
      "it is executed once at a time, ends once, and with what its steps gave",
      async () => {
        await using t = await startTestRuntime({
          database: await open(),
          pipelines: [scriptedPipeline()],
        });
        const other = await t.another();
        await t.runtime.work({ name: "a", concurrency: together });
        await other.work({ name: "b", concurrency: together });
        const some = fc.array(histories, { minLength: together, maxLength: together });
        await fc.assert(
          fc.asyncProperty(some, async (all) => {
            const problems = await Promise.all(
              all.map((history) => problemsOf(t.runtime, history)),
            );
            expect(problems.flat()).toEqual([]);
          }),
          { numRuns: Math.ceil(count / together), endOnFailure: true },
        );
        expect(t.errors).toEqual([]);
      },
      leastMs + count * eachMs,
    );
  });
}
