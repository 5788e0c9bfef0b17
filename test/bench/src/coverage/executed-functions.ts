import type { Profiler } from "node:inspector";

/** The functions of one file that ran, in the order of the source. */
export interface ExecutedFile {
  /** Path below the folder that is counted. */
  readonly path: string;
  /** Names; a function without one is named by its offset, such as `@1043`. */
  readonly functions: readonly string[];
}

/**
 * The functions below a folder that ran at least once, by file. The code of a module outside of its
 * functions does not count.
 *
 * @param scripts - Function coverage: V8's precise coverage with `detailed: false`.
 * @param folder - URL of the folder, with a slash at its end.
 */
export function executedFunctions(
  scripts: readonly Profiler.ScriptCoverage[],
  folder: string,
): readonly ExecutedFile[] {
  return scripts
    .filter(({ url }) => url.startsWith(folder))
    .map(({ url, functions }) => ({
      path: url.slice(folder.length),
      functions: functions.filter(hasRun).map(nameOf),
    }))
    .filter(({ functions }) => functions.length > 0)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function hasRun({ functionName, ranges: [range] }: Profiler.FunctionCoverage): boolean {
  if (!range || range.count === 0) return false;
  const isModule = functionName === "" && range.startOffset === 0;
  return !isModule;
}

function nameOf({ functionName, ranges: [range] }: Profiler.FunctionCoverage): string {
  return functionName || `@${range?.startOffset ?? 0}`;
}
