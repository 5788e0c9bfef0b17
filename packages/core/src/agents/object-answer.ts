import { isZodSchemaV4 } from "@langchain/core/utils/types";
import { z } from "zod";
import { describeSchema } from "../completions/index.ts";
import type { Role } from "./role.ts";
import { adapter } from "./standard-schema.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of a role's answer, and the functions of the role that get the answer. */
export type AnswerParts<Output> = Pick<
  Role<unknown, Output>,
  "answer" | "check" | "finish" | "partial"
>;

/**
 * The same for a model that answers in objects. Providers refuse a schema of a list, a text, a number or a
 * union, so that such an output is asked for as the field `answer` of an object.
 *
 * Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function inObject<Output>(parts: AnswerParts<Output>): AnswerParts<Output> {
  const { answer, check, finish, partial } = parts;
  if (!answer) return parts;
  const { jsonSchema } = describeSchema(answer);
  if (isObject(jsonSchema)) return parts;
  const readPartial = (value: unknown, input: unknown) => {
    const soFar = read(value);
    return partial && soFar !== undefined ? partial(soFar, input) : (soFar as Output);
  };
  return {
    answer: objectOf(answer, jsonSchema),
    ...(check ? { check: (value, input) => check(read(value), input) } : {}),
    finish: (value, input) => (finish ? finish(read(value), input) : (read(value) as Output)),
    ...(partial || !finish ? { partial: readPartial } : {}),
  };
}

/** The output in an object, or as much of it as there is. */
function read(value: unknown): unknown {
  return (value as { readonly answer?: unknown }).answer;
}

function isObject({ type, anyOf, oneOf }: JsonSchema): boolean {
  return type === "object" && anyOf === undefined && oneOf === undefined;
}

function objectOf(answer: z.ZodType, { $defs, definitions, ...jsonSchema }: JsonSchema): z.ZodType {
  if (isZodSchemaV4(answer) && !answer._zod.toJSONSchema) return z.object({ answer });
  // A schema of another library, or of zod 3, is converted by itself: not as a part of one of zod 4.
  const object = adapter(z.object({ answer: adapter(answer) }));
  object._zod.toJSONSchema = () => ({
    type: "object",
    properties: { answer: jsonSchema },
    required: ["answer"],
    additionalProperties: false,
    ...($defs ? { $defs } : {}),
    ...(definitions ? { definitions } : {}),
  });
  return object;
}
