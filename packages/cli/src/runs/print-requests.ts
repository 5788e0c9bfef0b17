import { escapeControls } from "@orchestra/core/gateway";
import type { Run } from "@orchestra/runtime";
import { plain } from "../terminal/plain.ts";
import { wrap, wrapIndented } from "../terminal/wrap.ts";
import { placeOf } from "./place-of.ts";

/** In characters. */
const maxQuestionLength = 2000;

/**
 * The lines with the claims to approve and their sources, or with the questions of a pipeline. If the run waits for
 * several decisions, each has its id.
 */
export function describeRequests({ waiting }: Run, width: number): string[] {
  if (!waiting || !("interrupts" in waiting)) return [];
  const { interrupts } = waiting;
  return interrupts.flatMap(({ id, step, value }) => {
    const name = interrupts.length > 1 ? ` ${id}` : "";
    if (waiting.for === "interrupt") {
      const title = wrap(escapeControls(`Question${name} of the step ${step}:`), width);
      return [title, describeQuestion(value, width)];
    }
    return [
      ...(name === "" ? [] : [`Decision${escapeControls(name)}:`]),
      ...describeReview(value, width),
    ];
  });
}

/** A text, or any other value as JSON, indented and shortened. */
function describeQuestion(value: unknown, width: number): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "null");
  const isLong = text.length > maxQuestionLength;
  const start = isLong ? `${text.slice(0, maxQuestionLength).toWellFormed()}…` : text;
  const rest = isLong ? `\n(${text.length} characters; orchestra runs show --json has all)` : "";
  const lines = plain(`${start}${rest}`).split("\n");
  return lines.map((line) => wrapIndented(line, width)).join("\n");
}

function describeReview(request: unknown, width: number): string[] {
  const { review } = (request ?? {}) as { readonly review?: unknown };
  const { claims, openQuestions } = (review ?? {}) as Readonly<Record<string, unknown>>;
  const found = listOf(claims).flatMap((claim) => describeClaim(claim, width));
  const open = listOf(openQuestions).map((question) => item("- ", String(question), width));
  return [
    ...(found.length > 0 ? ["Claims to approve:", ...found] : []),
    ...(open.length > 0 ? ["Open questions:", ...open] : []),
  ];
}

function describeClaim(claim: unknown, width: number): string[] {
  const { number, statement, evidence } = (claim ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof statement !== "string") return [];
  const mark = `${String(number)}. `;
  const place = placeOf(evidence);
  return [
    item(mark, statement, width),
    ...(place === undefined ? [] : [item(" ".repeat(mark.length), place, width)]),
  ];
}

/** A wrapped text after a mark; its other lines are indented as far as the first. */
function item(mark: string, text: string, width: number): string {
  const start = `  ${mark}`;
  return `${start}${wrap(escapeControls(text), width, " ".repeat(start.length))}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
