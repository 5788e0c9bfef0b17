import { escapeControls } from "@orchestra/core/gateway";
import type { Run } from "@orchestra/runtime";
import { wrap } from "../terminal/wrap.ts";
import { placeOf } from "./place-of.ts";

/** The lines with the claims to approve and their sources. If the run waits for several decisions, each has its id. */
export function describeRequests({ waiting }: Run, width: number): string[] {
  if (waiting?.for !== "approval") return [];
  const { interrupts } = waiting;
  return interrupts.flatMap(({ id, value }) => [
    ...(interrupts.length > 1 ? [`Decision ${escapeControls(id)}:`] : []),
    ...describeReview(value, width),
  ]);
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

/** A wrapped text behind a mark; its other lines are indented as far as the first. */
function item(mark: string, text: string, width: number): string {
  const start = `  ${mark}`;
  return `${start}${wrap(escapeControls(text), width, " ".repeat(start.length))}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
