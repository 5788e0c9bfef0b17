import type { Reporter, TestSpecification } from "vitest/node";

/** With fewer files, the first results are there in seconds. */
const manyFiles = 100;

/**
 * Says at the start of a run of all quick tests what happens. The longest files come first, and without a
 * terminal Vitest prints nothing until the first one has ended.
 */
export default class OpeningLine implements Reporter {
  onTestRunStart({ length }: ReadonlyArray<TestSpecification>): void {
    if (length < manyFiles) return;
    process.stdout.write(
      `Running ${length} test files. All of them take 2 to 3 minutes on two cores; the first result comes after up to a minute.\n`,
    );
  }
}
