import cliTruncate from "cli-truncate";
import stringWidth from "string-width";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Minimum width of a column whose texts may be shortened. Absent for other columns. */
  readonly atLeast?: number;
}

const gap = "  ";

/** Lines of aligned columns. Columns that may be shortened are shortened until the lines fit into `width`. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = fit(
    columns,
    columns.map((_, index) => Math.max(...lines.map((line) => stringWidth(line[index] ?? "")))),
    width - gap.length * (columns.length - 1),
  );
  return lines.map((line) =>
    columns
      .map((column, index) => cell(line[index] ?? "", widths[index] ?? 0, column.align))
      .join(gap)
      .trimEnd(),
  );
}

/** Shortens the widest column that may be shortened, until all columns fit. */
function fit(columns: readonly Column[], natural: readonly number[], total: number): number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - total; excess > 0; excess -= 1) {
    const spare = columns.map(({ atLeast = Infinity }, index) => (widths[index] ?? 0) - atLeast);
    const widest = spare.indexOf(Math.max(...spare));
    if ((spare[widest] ?? 0) <= 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function cell(text: string, width: number, align: Column["align"] = "left"): string {
  const cut = cliTruncate(text, width);
  const padding = " ".repeat(Math.max(0, width - stringWidth(cut)));
  return align === "right" ? padding + cut : cut + padding;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
