import type { JsonObject } from "../../wire/chat-request.ts";
import type { FillContext } from "./fill-context.ts";
import { fitNumber } from "./fit.ts";
import { meaningOf } from "./meaning.ts";

/** A number for a property; `undefined` if it is about an unknown position. */
export function fillNumber(
  schema: JsonObject,
  name: string,
  context: FillContext,
): number | undefined {
  const { finding, point, excerpt } = context;
  const shown = excerpt ?? point?.excerpts[0] ?? finding.points[0]?.excerpts[0];
  const fit = (value: number) => fitNumber(schema, value);
  switch (meaningOf(name)) {
    case "line":
      return shown?.line === undefined ? undefined : fit(shown.line);
    case "page":
      return shown?.page === undefined ? undefined : fit(shown.page);
    case "score":
      return fit(Math.round(finding.coverage * scaleOf(schema) * 100) / 100);
    case "count":
      return fit(finding.points.length);
    case "marks":
    case "number":
      return numberOf(context, fit);
    default:
      return fit(firstNumber(point?.statement ?? finding.points[0]?.statement ?? "") ?? 0);
  }
}

function numberOf(
  { finding, point }: FillContext,
  fit: (value: number) => number,
): number | undefined {
  if (point === undefined) return finding.points[0]?.number;
  return fit(point.number ?? finding.points.indexOf(point) + 1);
}

/** Scores are from 0 to 1, unless the schema has another maximum. */
function scaleOf({ maximum }: JsonObject): number {
  return typeof maximum === "number" && maximum > 1 ? maximum : 1;
}

/** If a quantity is requested, it is in the sentence. */
function firstNumber(text: string): number | undefined {
  const digits = /(?<![\w.])-?\d[\d,]*(?:\.\d+)?/.exec(text)?.[0];
  return digits === undefined ? undefined : Number(digits.replaceAll(",", ""));
}
