import type { JsonObject } from "../../wire/chat-request.ts";
import { composeText, FOUND_NOTHING } from "../compose.ts";
import type { FillContext } from "./fill-context.ts";
import { fitText } from "./fit.ts";
import { meaningOf } from "./meaning.ts";

/** A text for a property; `undefined` if it is about an unknown position. */
export function fillString(
  schema: JsonObject,
  name: string,
  context: FillContext,
): string | undefined {
  const text = textFor(name, context);
  return text === undefined ? undefined : fitText(schema, text);
}

function textFor(name: string, context: FillContext): string | undefined {
  const { finding, point } = context;
  const excerpt = context.excerpt ?? point?.excerpts[0] ?? finding.points[0]?.excerpts[0];
  switch (meaningOf(name)) {
    case "quote":
      return excerpt?.text ?? point?.statement;
    case "path":
      return excerpt?.path;
    case "line":
      return excerpt?.line === undefined ? undefined : String(excerpt.line);
    case "page":
      return excerpt?.page === undefined ? undefined : String(excerpt.page);
    case "title":
      return titleOf(finding.question);
    case "keyword":
      return finding.terms.map(({ word }) => word).join(", ");
    case "question":
      return finding.question;
    case "shortcoming":
      return finding.isFound ? "" : FOUND_NOTHING;
    case "reason":
      return finding.isFound
        ? `The material says: “${finding.points[0]?.statement}”`
        : FOUND_NOTHING;
    default:
      return point?.statement ?? composeText(finding, false);
  }
}

/** The question as a heading: its first sentence, without its mark. */
function titleOf(question: string): string {
  const [first = ""] = question.split(/(?<=[.?!])\s|\n/);
  return first.replace(/[.?!:]+$/, "").slice(0, 100);
}
