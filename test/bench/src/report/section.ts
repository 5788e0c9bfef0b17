import { rounded } from "../measure/statistics.ts";
import { table, type Cell } from "./table.ts";

/** A part of the report: what was measured, what was wanted, what came out. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly verdict: string;
  readonly tables: readonly { readonly caption: string; readonly table: string }[];
}

/** A figure, and what it was to be. */
export interface Wish {
  readonly figure: string;
  readonly wanted: string;
  readonly value: number;
  readonly isMet?: boolean;
}

export const atMost = (figure: string, value: number, most: number): Wish => ({
  figure,
  wanted: `at most ${most}`,
  value,
  isMet: value <= most,
});
export const atLeast = (figure: string, value: number, least: number): Wish => ({
  figure,
  wanted: `at least ${least}`,
  value,
  isMet: value >= least,
});
export const noted = (figure: string, value: number): Wish => ({ figure, wanted: "", value });

/** What was wanted beside what came out. */
export function verdict(wishes: readonly Wish[]): string {
  const rows = wishes.map(({ figure, wanted, value, isMet }): Cell[] => [
    figure,
    wanted,
    rounded(value),
    word(isMet),
  ]);
  return table(["figure", "wanted", "came out", ""], rows);
}

function word(isMet: boolean | undefined): string {
  if (isMet === undefined) return "";
  return isMet ? "met" : "falls short";
}
