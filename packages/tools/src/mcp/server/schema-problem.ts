import { Ajv } from "ajv";
import { quoted, resolveReference } from "@orchestra/core/extend";
import { expandedSize } from "./schema-size.ts";

/** Maximum parts of a schema, with each reference replaced by its target, as LangChain does. */
const maxParts = 20_000;

/** Only the schemas of schemas are compiled to code, not the schemas of servers. */
let ajv: Ajv | undefined;

/**
 * The problem of a tool's input schema; `undefined` for a valid one. A schema of draft 04 is valid, except
 * for fields that have another meaning today.
 */
export function schemaProblem(given: object): string | undefined {
  if (expandedSize(given, maxParts) > maxParts) return "is too large, or nested too deeply";
  const { $schema: _, $defs, ...schema } = given as Readonly<Record<string, unknown>>;
  const { type = "object" } = schema;
  if (type !== "object") {
    return `is of the type ${quoted(JSON.stringify(type))}: expected "object"`;
  }
  ajv ??= new Ajv({ strict: false, logger: false, validateFormats: false });
  // An older draft has other definitions, and checks them.
  if (!ajv.validateSchema({ ...schema, ...($defs ? { definitions: $defs } : {}) })) {
    const [error] = ajv.errors ?? [];
    const path = error?.instancePath.slice(1).replaceAll("/", ".") || "it";
    return `is not a JSON schema: ${path} ${error?.message ?? "is not valid"}`;
  }
  return partProblem(given, given);
}

/** A reference to a missing part, anywhere in a schema. */
function partProblem(part: unknown, root: object): string | undefined {
  if (typeof part !== "object" || part === null) return undefined;
  const { $ref } = part as Readonly<Record<string, unknown>>;
  if (typeof $ref === "string" && resolveReference($ref, root) === undefined) {
    return `refers to ${quoted($ref)}, which it does not have`;
  }
  for (const each of Object.values(part)) {
    const problem = partProblem(each, root);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
