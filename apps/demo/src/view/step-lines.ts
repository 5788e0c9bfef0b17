import cliTruncate from "cli-truncate";
import stringWidth from "string-width";
import { plainLine } from "../plain-text.ts";
import type { Style } from "../style.ts";
import type { Note, Step } from "./step.ts";
import { cost, count, seconds } from "./words.ts";

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;

/** A Researcher may search many times; the latest say enough. */
const shownNotes = 6;

const minModelWidth = 12;

export interface StepLook {
  readonly style: Style;
  readonly columns: number;
  readonly now: number;
}

/** A step as a title, its notes, and the last words of what is arriving. */
export function stepLines(step: Step, look: StepLook): string[] {
  const { style, columns } = look;
  const hidden = step.notes.length - shownNotes;
  return [
    titleLine(step, look),
    ...(hidden > 0 ? [style("dim", `  … ${count(hidden, "earlier line")}`)] : []),
    ...step.notes.slice(-shownNotes).map((note) => noteLine(note, style)),
    ...(step.status === "working" ? [style("dim", arriving(step, columns))] : []),
  ].map((line) => cliTruncate(line, columns));
}

/** Who, with which model, for how long and how much; where that is too wide, without tokens. */
function titleLine(step: Step, { style, columns, now }: StepLook): string {
  const model = [step.model, step.route].filter(Boolean).join(" ");
  const elapsedMs = (step.endedAt ?? now) - step.startedAt;
  const widthOf = (facts: string) => stringWidth(`✔ ${step.role}  · ${facts}`);
  const all = describeFacts(step, elapsedMs);
  const isNarrow = widthOf(all) + minModelWidth > columns;
  const facts = isNarrow
    ? describeFacts({ ...step, promptTokens: 0, completionTokens: 0 }, elapsedMs)
    : all;
  const others = widthOf(facts);
  return [
    `${icon(step, style, now)} ${style("bold", step.role)} `,
    cliTruncate(model, Math.max(minModelWidth, columns - others)),
    style("dim", ` · ${facts}`),
  ].join("");
}

function icon({ status }: Step, style: Style, now: number): string {
  if (status === "done") return style("green", "✔");
  if (status === "failed") return style("red", "✖");
  return style("cyan", spinner[Math.floor(now / frameMs) % spinner.length] ?? "");
}

function describeFacts(step: Step, elapsedMs: number): string {
  const { promptTokens, completionTokens, costUsd, unknownCostAttempts, result } = step;
  const tokens = promptTokens + completionTokens;
  return [
    ...(result === "" ? [] : [result]),
    seconds(elapsedMs),
    ...(tokens > 0 ? [`${promptTokens}+${completionTokens} tokens`] : []),
    ...(tokens > 0 || costUsd > 0 || unknownCostAttempts > 0 ? [cost(step)] : []),
  ].join(" · ");
}

function noteLine({ kind, text }: Note, style: Style): string {
  if (kind === "retry") return style("yellow", `  ↻ ${text}`);
  if (kind === "replay") return style("green", `  ⏮ ${text}`);
  if (kind === "wait") return style("dim", `  … ${text}`);
  if (kind === "fallback") return style("yellow", `  ⇢ ${text}`);
  return style("dim", `  ⌕ ${text}`);
}

function arriving({ text }: Step, columns: number): string {
  const words = plainLine(text);
  return `  ${words === "" ? "…" : cliTruncate(words, columns - 2, { position: "start" })}`;
}
