import { isTurnOver, nextTurn } from "../../clock/index.ts";
import { firstAndLast } from "../../errors/bounded.ts";
import { findJsonValues } from "../reading/find-json.ts";
import { unwrap, unwrapText } from "../tool-calls/tool-arguments.ts";
import type { Reading } from "./output-schema-options.ts";
import { resolveReference } from "./resolve-reference.ts";

type Json = Readonly<Record<string, unknown>>;

/** Checks a value by the schema: returns its problems, or the parsed value. */
export type Judge = (
  json: unknown,
) => Promise<{ readonly problems: readonly string[]; readonly value?: unknown }>;

/** Maximum values of one text that are tried: the last ones, because models correct themselves. */
const maxValues = 20;

/**
 * Reads an answer that is not plain JSON: of all values in the text, the last one that matches.
 * A JSON text instead of an object or a list is parsed, and `null` as the value of an optional property
 * is removed.
 *
 * @param known - The problems of the text itself, if it is JSON.
 */
export async function readOddAnswer(
  text: string,
  schema: Json,
  judge: Judge,
  known: readonly string[] = [],
): Promise<Reading> {
  const tried = new Set(known.length > 0 ? [text.trim()] : []);
  let problems = known;
  const values = await findJsonValues(unwrapText(text.replace(/^\uFEFF/, "")));
  for (const value of values.slice(-maxValues).toReversed()) {
    const unwrapped = unwrap(value, schema);
    for (const json of [value, unwrapped, withoutNulls(unwrapped, schema)]) {
      const written = JSON.stringify(json);
      if (tried.has(written)) continue;
      tried.add(written);
      if (isTurnOver()) await nextTurn();
      const judged = await judge(json);
      if (judged.problems.length === 0) {
        return { kind: "answer", value: judged.value, json, isOdd: true };
      }
      if (problems.length === 0) problems = judged.problems;
    }
  }
  return { kind: "off-schema", problem: firstAndLast(problems).join("; ") || "it is not JSON" };
}

/** Without the properties that are `null` and need not be there. */
function withoutNulls(value: unknown, schema: unknown, root: Json = schema as Json): unknown {
  const target = resolve(schema, root);
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, target["items"], root));
  if (typeof value !== "object" || value === null) return value;
  const alternatives = (target["anyOf"] ?? target["oneOf"]) as readonly unknown[] | undefined;
  if (alternatives) {
    return alternatives.reduce((kept, each) => withoutNulls(kept, each, root), value as unknown);
  }
  const properties = (target["properties"] ?? {}) as Json;
  const required = new Set((target["required"] ?? []) as string[]);
  const entries = Object.entries(value).filter(
    ([name, inner]) => inner !== null || required.has(name) || !(name in properties),
  );
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, withoutNulls(inner, properties[name], root)]),
  );
}

function resolve(schema: unknown, root: Json): Json {
  let target = schema as Json | undefined;
  for (let depth = 0; depth < 8 && typeof target?.["$ref"] === "string"; depth += 1) {
    target = resolveReference(target["$ref"], root) as Json | undefined;
  }
  return target ?? {};
}
