import { isJsonObject, type JsonObject } from "../../wire/chat-request.ts";
import { composeText } from "../compose.ts";
import type { Finding } from "../finding.ts";
import { chooseEnum } from "./choose-enum.ts";
import type { FillContext } from "./fill-context.ts";
import { fillList } from "./fill-list.ts";
import { fillNumber } from "./fill-number.ts";
import { fillString } from "./fill-string.ts";
import { wordsOf } from "./meaning.ts";
import { placeholder } from "./placeholder.ts";
import { alternativesOf, isNull, resolveSchema } from "./resolve.ts";

/** Maximum depth, for recursive schemas. */
const MAX_DEPTH = 12;

/** Fills a JSON schema with the finding, each property by its type and the meaning of its name. */
export function fillSchema(schema: JsonObject, finding: Finding): unknown {
  return fill(schema, "", { finding, root: schema, depth: 0 });
}

/** Fills a part of a schema; `name` is the property that it is the value of. */
export function fill(schema: unknown, name: string, context: FillContext): unknown {
  const { first, isNullable } = choicesOf(schema, context);
  const value = fillIfKnown(schema, name, context);
  if (value !== undefined && (value !== "" || !isNullable)) return value;
  return isNullable ? null : placeholder(first);
}

/** Like {@link fill}, but `undefined` if there is no known value. */
function fillIfKnown(schema: unknown, name: string, context: FillContext): unknown {
  const { first } = choicesOf(schema, context);
  if (first === undefined || context.depth > MAX_DEPTH) return undefined;
  return fillType(first, name, { ...context, depth: context.depth + 1 });
}

/** The alternative to fill, the first that is not `null`. */
function choicesOf(schema: unknown, { root }: FillContext) {
  const all = alternativesOf(resolveSchema(schema, root), root);
  return { first: all.find((choice) => !isNull(choice)), isNullable: all.some(isNull) };
}

function fillType(schema: JsonObject, name: string, context: FillContext): unknown {
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return chooseEnum(schema.enum, context.finding);
  switch (typeOf(schema)) {
    case "object":
      return fillObject(schema, context);
    case "array":
      return fillList(schema, name, context, fill);
    case "boolean":
      return isPositive(name) === context.finding.isFound;
    case "integer":
    case "number":
      return fillNumber(schema, name, context);
    case "string":
      return fillString(schema, name, context);
    default:
      return composeText(context.finding, false);
  }
}

function typeOf(schema: JsonObject): unknown {
  if (schema.type !== undefined) return schema.type;
  if (isJsonObject(schema.properties)) return "object";
  return schema.items === undefined ? undefined : "array";
}

function fillObject(schema: JsonObject, context: FillContext): Record<string, unknown> {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);
  const filled: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = required.has(name)
      ? fill(property, name, context)
      : fillIfKnown(property, name, context);
    if (value !== undefined) filled[name] = value;
  }
  return filled;
}

/** Whether `true` is positive for a flag of that name: `supported` is, `needs_revision` is not. */
function isPositive(name: string): boolean {
  return !/\b(?:needs?|missing|unsupported|insufficient|incomplete|errors?|fail(?:ed|s)?|invalid|reject(?:ed)?|not|no|unknown|contradict\w*|hallucinat\w*|refus\w*|stop|escalate)\b/.test(
    wordsOf(name),
  );
}
