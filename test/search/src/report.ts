import type { Outcome } from "./evaluate.ts";

/** What search achieved on some questions. */
export interface Score {
  readonly questions: number;
  /** Share of questions whose answer is among the first five passages. */
  readonly recallAt5: number;
  /** Share of questions that found nothing at all. */
  readonly withoutResult: number;
  readonly medianMs: number;
  readonly maxMs: number;
}

export interface Summary {
  readonly all: Score;
  /** The sets on which search is tuned, and the others. */
  readonly tuned: Score;
  readonly heldOut: Score;
  readonly byLanguage: Readonly<Record<string, Score>>;
  readonly bySet: Readonly<Record<string, Score>>;
  readonly byKind: Readonly<Record<string, Score>>;
}

export function summaryOf(outcomes: readonly Outcome[]): Summary {
  return {
    all: scoreOf(outcomes),
    tuned: scoreOf(outcomes.filter(({ isHeldOut }) => !isHeldOut)),
    heldOut: scoreOf(outcomes.filter(({ isHeldOut }) => isHeldOut)),
    byLanguage: scoresBy(outcomes, ({ set }) => set.slice(-2)),
    bySet: scoresBy(outcomes, ({ set }) => set),
    byKind: scoresBy(outcomes, ({ kind }) => kind),
  };
}

function scoresBy(
  outcomes: readonly Outcome[],
  keyOf: (outcome: Outcome) => string,
): Record<string, Score> {
  const groups = Map.groupBy(outcomes, keyOf);
  return Object.fromEntries(Array.from(groups, ([key, group]) => [key, scoreOf(group)]));
}

function scoreOf(outcomes: readonly Outcome[]): Score {
  const share = (holds: (outcome: Outcome) => boolean) =>
    outcomes.length === 0 ? 0 : outcomes.filter(holds).length / outcomes.length;
  const times = outcomes.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    questions: outcomes.length,
    recallAt5: share(({ rank }) => rank >= 1 && rank <= 5),
    withoutResult: share(({ hasResults }) => !hasResults),
    medianMs: times[Math.floor(times.length / 2)] ?? 0,
    maxMs: times.at(-1) ?? 0,
  };
}

export function report({ all, tuned, heldOut, byLanguage, bySet, byKind }: Summary): string {
  return [
    "                questions  recall@5  no result  median ms  max ms",
    row("all", all),
    row("tuned on", tuned),
    row("held out", heldOut),
    "",
    ...rows(byLanguage),
    "",
    ...rows(byKind),
    "",
    ...rows(bySet),
  ].join("\n");
}

/** Recall at 5 of several ways to search, side by side. */
export function compare(summaries: readonly (readonly [mode: string, summary: Summary])[]): string {
  const line = (name: string, scoreIn: (summary: Summary) => Score | undefined) => {
    const scores = summaries.map(([, summary]) => scoreIn(summary));
    const cells = scores.map((score) => (score?.recallAt5 ?? 0).toFixed(2).padStart(12));
    return `${name.padEnd(16)}${String(scores[0]?.questions ?? 0).padStart(9)}${cells.join("")}`;
  };
  const [, first] = summaries[0] ?? [];
  const groups = (of: "byLanguage" | "byKind") =>
    Object.keys(first?.[of] ?? {}).map((name) => line(name, (summary) => summary[of][name]));
  return [
    `recall at 5     questions${summaries.map(([mode]) => mode.padStart(12)).join("")}`,
    line("all", ({ all }) => all),
    line("tuned on", ({ tuned }) => tuned),
    line("held out", ({ heldOut }) => heldOut),
    "",
    ...groups("byLanguage"),
    "",
    ...groups("byKind"),
    "",
    `median ms       ${" ".repeat(9)}${summaries.map(([, { all }]) => all.medianMs.toFixed(2).padStart(12)).join("")}`,
  ].join("\n");
}

function rows(scores: Readonly<Record<string, Score>>): string[] {
  return Object.entries(scores).map(([name, score]) => row(name, score));
}

function row(
  name: string,
  { questions, recallAt5, withoutResult, medianMs, maxMs }: Score,
): string {
  return [
    name.padEnd(16),
    String(questions).padStart(9),
    recallAt5.toFixed(2).padStart(10),
    withoutResult.toFixed(2).padStart(11),
    medianMs.toFixed(2).padStart(11),
    maxMs.toFixed(2).padStart(8),
  ].join("");
}
