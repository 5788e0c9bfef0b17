import { rounded } from "../measure/statistics.ts";
import { table, type Cell } from "./table.ts";

/** A section of the report: how a bench measures, its figures with their targets, and its tables. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly verdict: string;
  readonly tables: readonly { readonly caption: string; readonly table: string }[];
}

/** A figure, with its target and its result. */
export interface Target {
  readonly figure: string;
  /** Empty for a figure without a target. */
  readonly target: string;
  readonly result: number;
  readonly isMet?: boolean;
}

export const atMost = (figure: string, result: number, max: number): Target => ({
  figure,
  target: `at most ${max}`,
  result,
  isMet: result <= max,
});
export const atLeast = (figure: string, result: number, min: number): Target => ({
  figure,
  target: `at least ${min}`,
  result,
  isMet: result >= min,
});
export const noted = (figure: string, result: number): Target => ({ figure, target: "", result });

/** A table of targets and results. */
export function verdict(targets: readonly Target[]): string {
  const rows = targets.map(({ figure, target, result, isMet }): Cell[] => [
    figure,
    target,
    rounded(result),
    word(isMet),
  ]);
  return table(["figure", "target", "result", ""], rows);
}

function word(isMet: boolean | undefined): string {
  if (isMet === undefined) return "";
  return isMet ? "met" : "missed";
}
