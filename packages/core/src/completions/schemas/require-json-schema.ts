import { ArgumentError } from "../../errors/argument-error.ts";
import { messageOf } from "../../errors/message-of.ts";
import { checkToolName } from "../tool-calls/check-tool-name.ts";
import { describeSchema } from "./describe-schema.ts";
import { impossiblePart, type ImpossiblePart } from "./impossible-part.ts";
import { placeOf, type AnySchema } from "./json-schema-of.ts";

/** @throws {ArgumentError} if a tool's schema has a part that JSON Schema does not have, such as a date */
export function checkTools(
  tools: readonly { readonly name: string; readonly schema?: unknown }[],
  where: string,
): void {
  for (const { name, schema } of tools) {
    checkToolName(name, where);
    if (schema) requireJsonSchema(schema as AnySchema, `The schema of the tool "${name}"`, where);
  }
}

/** @throws {ArgumentError} if two tools have the same name: a model could not distinguish them */
export function requireDistinctNames(
  tools: readonly { readonly name: string }[],
  where: string,
): void {
  const names = new Set<string>();
  for (const { name } of tools) {
    if (names.has(name)) {
      throw new ArgumentError(`Two tools have the name "${name}" (${where}): rename one of them`);
    }
    names.add(name);
  }
}

/**
 * @throws {ArgumentError} if the schema has a part that JSON Schema does not have, such as a date, or if no JSON
 * matches it
 */
export function requireJsonSchema(schema: AnySchema, what: string, where: string): void {
  const refusal = `${what} cannot be sent to a model (${where})`;
  let impossible: ImpossiblePart | undefined;
  try {
    impossible = impossiblePart(describeSchema(schema).jsonSchema);
  } catch (cause) {
    throw new ArgumentError(`${refusal}: ${messageOf(cause)}`, { cause });
  }
  if (!impossible) return;
  const { path, problem } = impossible;
  throw new ArgumentError(`${refusal}: ${placeOf(path)} ${problem}, so no JSON fits`);
}
