import { isJsonObject, type JsonObject } from "../../wire/chat-request.ts";
import type { Point } from "../finding.ts";
import type { Fill, FillContext } from "./fill-context.ts";
import { meaningOf } from "./meaning.ts";
import { alternativesOf, resolveSchema } from "./resolve.ts";

const MAX_ITEMS = 5;

/** A list: one item for each point, or, for a list of shortcomings, one if nothing was found. */
export function fillList(
  schema: JsonObject,
  name: string,
  context: FillContext,
  fill: Fill,
): unknown[] {
  const [items = {}] = alternativesOf(resolveSchema(schema.items, context.root), context.root);
  const max = typeof schema.maxItems === "number" ? schema.maxItems : Infinity;
  const min = typeof schema.minItems === "number" ? schema.minItems : 0;
  const contexts = itemContexts(items, name, context).slice(0, max);
  const filled = unique(contexts.map((each) => fill(schema.items, name, each)));
  while (filled.length < min) filled.push(fill(schema.items, name, contexts[0] ?? context));
  return filled;
}

function itemContexts(items: JsonObject, name: string, context: FillContext): FillContext[] {
  const { finding, point } = context;
  const meaning = meaningOf(name);
  if (meaning === "attachment") return [];
  if (meaning === "shortcoming") return finding.isFound ? [] : [context];
  if (items.type === "string" && (meaning === "question" || meaning === "keyword")) {
    return partsOf(context, meaning);
  }
  // Like a text, a list of texts can state that the request contains nothing to quote.
  if (!finding.hasMaterial && items.type === "string" && meaning === "statement") return [context];
  if (!finding.isFound) return [];
  if (point !== undefined) return point.excerpts.map((excerpt) => ({ ...context, excerpt }));
  return expand(finding.points, isJsonObject(items.properties), context);
}

/** An item for each point; if items are only texts or positions, one for each source. */
function expand(
  points: readonly Point[],
  areObjects: boolean,
  context: FillContext,
): FillContext[] {
  const shown = areObjects ? points.slice(0, MAX_ITEMS) : points;
  return shown.map((point) => ({ ...context, point }));
}

/** The parts of a question, or its words: each item's finding is only about that part. */
function partsOf(context: FillContext, meaning: "question" | "keyword"): FillContext[] {
  const { finding } = context;
  const parts =
    meaning === "keyword"
      ? finding.terms.map((term) => ({ ...finding, terms: [term] }))
      : questionsIn(finding.question).map((question) => ({ ...finding, question }));
  return parts.slice(0, MAX_ITEMS).map((part) => ({ ...context, finding: part }));
}

function questionsIn(text: string): string[] {
  const questions = text.match(/[^.?!\n]+\?/g)?.map((question) => question.trim());
  return questions ?? [text];
}

function unique(values: readonly unknown[]): unknown[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const text = JSON.stringify(value);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
