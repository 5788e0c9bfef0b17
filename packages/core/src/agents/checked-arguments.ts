import { interopSafeParseAsync, isInteropZodSchema } from "@langchain/core/utils/types";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { explainThrown } from "../completions/schemas/index.ts";

/** The schema of one call's arguments, and the error that it threw. */
export interface CheckedArguments {
  /** For LangChain, which checks the arguments with it. */
  readonly schema: z.ZodType;
  /** The error of a schema that threw for these arguments; it names the tool and the field. */
  thrown?: Error;
}

/**
 * Checks a tool's arguments with its schema, which may be of any library. LangChain supports only zod, and
 * reports an error in the schema's code as arguments that do not match.
 *
 * @returns `undefined` for a JSON schema, which has no code
 */
export function checkedArguments({
  name,
  schema,
}: StructuredToolInterface): CheckedArguments | undefined {
  if (!isStandardSchema(schema)) return undefined;
  const parse = parserOf(schema);
  const checked: CheckedArguments = {
    schema: z.unknown().transform(async (args, context) => {
      try {
        const { issues, value } = await parse(args);
        if (!issues) return value;
        for (const { message, path } of issues) {
          context.issues.push({ code: "custom", message, path: keysOf(path), input: args });
        }
      } catch (cause) {
        const { where, message, problems } = await explainThrown(cause, schema, args);
        for (const problem of problems) {
          context.issues.push({ code: "custom", message: problem, path: [], input: args });
        }
        if (problems.length === 0) {
          const said = `The schema of the tool ${name} threw${where}: ${message}`;
          checked.thrown = new Error(said, { cause });
          context.issues.push({ code: "custom", message: said, path: [], input: args });
        }
      }
      return z.NEVER;
    }),
  };
  return checked;
}

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

interface Parsed {
  readonly issues?: readonly Issue[] | undefined;
  readonly value?: unknown;
}

function parserOf(schema: StandardSchemaV1): (args: unknown) => Promise<Parsed> {
  if (!isInteropZodSchema(schema)) {
    return async (args) => schema["~standard"].validate(args);
  }
  return async (args) => {
    const parsed = await interopSafeParseAsync(schema, args);
    if (parsed.success) return { value: parsed.data };
    const { issues } = (parsed.error ?? {}) as Parsed;
    if (issues) return { issues };
    throw parsed.error;
  };
}

function keysOf(path: Issue["path"] = []): PropertyKey[] {
  return path.map((key) => (typeof key === "object" ? key.key : key));
}

function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  const isObject = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  return isObject && ("~standard" in schema || isInteropZodSchema(schema));
}
