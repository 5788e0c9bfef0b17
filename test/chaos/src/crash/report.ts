import type { CaseProblem, CrashResult, PlaceResult } from "./run.ts";
import type { ShapeName } from "./shapes.ts";
import type { ProblemKind } from "./verdict.ts";

const kinds: readonly ProblemKind[] = ["lost", "mixed", "doubled", "books"];
/** Maximum number of problems that are printed. */
const mostTold = 20;

/** Whether there are no problems. */
export function isWell({ places }: CrashResult): boolean {
  return places.every(({ problems }) => problems.length === 0);
}

/** The result as JSON, for programs. */
export function summary({ options, durationMs, places }: CrashResult) {
  return {
    seed: options.seed,
    seconds: Math.round(durationMs / 1000),
    deaths: places.reduce((sum, place) => sum + total(place), 0),
    places: places.map((each) => ({
      ...each.place,
      statements: each.statements,
      deaths: each.deaths,
      ...countsOf(each.problems),
    })),
  };
}
export type CrashSummary = ReturnType<typeof summary>;

/** The result as a table, and each problem with its case. */
export function report(result: CrashResult): string {
  const figures = summary(result);
  const problems = result.places.flatMap((each) => each.problems);
  return [
    `${figures.deaths} deaths in ${figures.seconds} s, seed ${figures.seed}`,
    "",
    table(figures),
    ...problems.slice(0, mostTold).map(wordsFor),
    ...(problems.length > mostTold ? [`and ${problems.length - mostTold} more`] : []),
  ].join("\n");
}

/** A Markdown table with the interruptions of each shape in each place, and the problems. */
export function table({ places }: CrashSummary): string {
  const head = ["", ...places.map(({ backend, harm }) => `${names[backend]}, ${words[harm]}`)];
  const shapes = Object.keys(places[0]?.deaths ?? {}) as ShapeName[];
  const rows = [
    ...shapes.map((shape) => [shape, ...places.map(({ deaths }) => deaths[shape])]),
    ...kinds.map((kind) => [`**${kind}**`, ...places.map((place) => place[kind])]),
  ];
  return [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

const names = { postgres: "PostgreSQL", pglite: "PGlite" } as const;
const words = {
  freeze: "process stopped and came back",
  cut: "connection cut",
  kill: "process killed",
} as const;

function total({ deaths }: PlaceResult): number {
  return Object.values(deaths).reduce((sum, count) => sum + count, 0);
}

function countsOf(problems: readonly CaseProblem[]): Record<ProblemKind, number> {
  const count = (kind: ProblemKind) => problems.filter((each) => each.kind === kind).length;
  return {
    lost: count("lost"),
    mixed: count("mixed"),
    doubled: count("doubled"),
    books: count("books"),
  };
}

/** A problem and its case. */
export function wordsFor({ kind, words: what, broken }: CaseProblem): string {
  const { shape, harm, moment, statement, comesBack } = broken;
  return `${kind}: ${shape}, ${harm} at statement ${statement} (${moment}, back ${comesBack}): ${what}`;
}
