import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, most of it to wait for processes. */
const longest =
  /\/(worker\/(worker|crash|waits)|runtime\/src\/runtime|runs\/runs|live\/live|real-processes|cli\/src\/examples\/examples|durable\/durable|dialects\/matrix|mcp\/kills|demo\/src\/main|hostile\/hostile)\.test\.ts$/;

function rank({ moduleId }: TestSpecification): number {
  return longest.test(moduleId) ? 0 : 1;
}

/** Begins with the longest files: begun last, they would run alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- it is not the method of an array
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
