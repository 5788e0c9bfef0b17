import cliTruncate from "cli-truncate";
import { plainLine } from "../plain-text.ts";
import type { Style } from "../style.ts";
import type { Note, Step } from "./step.ts";
import { count, dollars, seconds } from "./words.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;

/** A Researcher may search many times; the latest say enough. */
const shownNotes = 6;

export interface StepLook {
  readonly style: Style;
  readonly columns: number;
  readonly now: number;
}

/** A step as a title, its notes, and the last words of what is arriving. */
export function stepLines(step: Step, { style, columns, now }: StepLook): string[] {
  const elapsedMs = (step.endedAt ?? now) - step.startedAt;
  const title = [
    `${icon(step, style, now)} ${style("bold", step.role)} `,
    [step.model, step.route].filter(Boolean).join(" "),
    style("dim", ` · ${facts(step, elapsedMs)}`),
    step.result === "" ? "" : ` · ${step.result}`,
  ].join("");
  const hidden = step.notes.length - shownNotes;
  return [
    title,
    ...(hidden > 0 ? [style("dim", `  … ${count(hidden, "earlier step")}`)] : []),
    ...step.notes.slice(-shownNotes).map((note) => noteLine(note, style)),
    ...(step.status === "working" ? [style("dim", arriving(step, columns))] : []),
  ].map((line) => cliTruncate(line, columns));
}

function icon({ status }: Step, style: Style, now: number): string {
  if (status === "done") return style("green", "✔");
  if (status === "failed") return style("red", "✖");
  return style("cyan", spinner[Math.floor(now / frameMs) % spinner.length] ?? "");
}

function facts(step: Step, elapsedMs: number): string {
  const { promptTokens, completionTokens, costUsd } = step;
  return [
    seconds(elapsedMs),
    ...(promptTokens + completionTokens > 0
      ? [`${promptTokens}+${completionTokens} tokens`, dollars(costUsd)]
      : []),
  ].join(" · ");
}

function noteLine({ kind, text }: Note, style: Style): string {
  if (kind === "retry") return style("yellow", `  ↻ ${text}`);
  if (kind === "fallback") return style("yellow", `  ⇢ ${text}`);
  return style("dim", `  ⌕ ${text}`);
}

function arriving({ text }: Step, columns: number): string {
  const words = plainLine(text);
  return `  ${words === "" ? "…" : cliTruncate(words, columns - 2, { position: "start" })}`;
}
