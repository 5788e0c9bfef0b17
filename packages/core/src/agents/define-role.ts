import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { parseRequestFields } from "../completions/index.ts";
import {
  checkTools,
  requireDistinctNames,
  requireJsonSchema,
} from "../completions/schemas/index.ts";
import { checkInput } from "../input/check-input.ts";
import { roleDefinition, roleSchema } from "./check-role.ts";
import { inObject } from "./object-answer.ts";
import type { RoleDefinition } from "./role-definition.ts";
import { renderSections } from "./render-sections.ts";
import type { Role } from "./role.ts";
import { zodOfInput, zodOfOutput } from "./standard-schema.ts";

const text = z.string().regex(/\S/, "the text is empty");

/**
 * Defines a role. Without an input or an output schema, its agent takes or returns text. The three
 * built-in roles are defined by this function, and use only options that yours can use too.
 *
 * @throws {ArgumentError} for a name that is not a valid key of `AGENT_MODEL_MAP`, a schema of the output or of a
 * tool that JSON Schema cannot express, and other invalid options
 *
 * @example
 * ```ts
 * const poet = defineRole({ name: "poet", system: "You write haiku." });
 * console.log(await orchestra.agent(poet).invoke("Autumn"));
 *
 * const translator = defineRole({
 *   name: "translator",
 *   system: "You translate into plain English.",
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ translation: z.string() }),
 * });
 * const { translation } = await orchestra.agent(translator).invoke({ text: "Guten Tag" });
 * ```
 */
export function defineRole<
  Input extends StandardSchemaV1 = z.ZodString,
  Answer extends StandardSchemaV1 = z.ZodString,
  Output = StandardSchemaV1.InferOutput<Answer>,
>(
  definition: RoleDefinition<Input, Answer, Output>,
): Role<StandardSchemaV1.InferInput<Input>, Output> {
  checkInput(roleDefinition, definition, "defineRole()", "definition");
  return makeRole(definition);
}

/** @param definition - Already checked. */
function makeRole<Input extends StandardSchemaV1, Answer extends StandardSchemaV1, Output>(
  definition: RoleDefinition<Input, Answer, Output>,
): Role<StandardSchemaV1.InferInput<Input>, Output> {
  const {
    name,
    output,
    input = text,
    prompt,
    check,
    finish,
    partial,
    request,
    ...rest
  } = definition;
  const where = `role "${name}"`;
  const answer = output && zodOfOutput(output, where);
  if (answer) requireJsonSchema(answer, "The output schema", where);
  checkTools(rest.tools ?? [], where);
  requireDistinctNames(rest.tools ?? [], where);
  return {
    tools: [],
    maxTokens: 2048,
    maxToolRounds: 8,
    maxToolCalls: 128,
    ...rest,
    name,
    input: zodOfInput(input),
    prompt: prompt ?? renderSections,
    ...inObject({
      answer,
      ...(check ? { check } : {}),
      ...(finish ? { finish } : {}),
      ...(partial ? { partial } : {}),
    }),
    ...(request ? { request: parseRequestFields(request, where) } : {}),
  };
}

/**
 * The role of a definition; a role is returned unchanged.
 *
 * @param where - The function that the caller used, such as `agent()`.
 * @throws {ArgumentError} for any other value
 */
export function toRole(
  given: Role | RoleDefinition<StandardSchemaV1, StandardSchemaV1>,
  where: string,
): Role {
  if (!isDefinition(given)) {
    checkInput(roleSchema, given, where, "role");
    return given;
  }
  checkInput(roleDefinition, given, where, "role");
  return makeRole(given);
}

function isDefinition(
  given: Role | RoleDefinition<StandardSchemaV1, StandardSchemaV1>,
): given is RoleDefinition<StandardSchemaV1, StandardSchemaV1> {
  if (typeof given !== "object" || given === null) return false;
  return "output" in given || !("maxToolCalls" in given && "input" in given && "prompt" in given);
}
