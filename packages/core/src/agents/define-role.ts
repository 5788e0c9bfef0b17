import type { z } from "zod";
import { checkTools, parseRequestFields, requireJsonSchema } from "../completions/index.ts";
import { checkInput } from "../input/check-input.ts";
import { roleDefinition } from "./check-role.ts";
import type { RoleDefinition } from "./role-definition.ts";
import { renderSections } from "./render-sections.ts";
import type { Role } from "./role.ts";

/**
 * Defines a role. The built-in three are made by it, and use nothing that yours cannot use.
 *
 * @throws {ArgumentError} for a name that `AGENT_MODEL_MAP` could not hold, a schema of the output or of a
 * tool that JSON Schema cannot express, and whatever else cannot work
 *
 * @example
 * ```ts
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
  Input extends z.ZodType,
  Answer extends z.ZodType,
  Output = z.output<Answer>,
>(definition: RoleDefinition<Input, Answer, Output>): Role<z.input<Input>, Output> {
  checkInput(roleDefinition, definition, "defineRole()", "definition");
  const { name, output, input, prompt, check, finish, request, ...rest } = definition;
  const where = `role "${name}"`;
  requireJsonSchema(output, "The output schema", where);
  checkTools(rest.tools ?? [], where);
  return {
    tools: [],
    maxTokens: 2048,
    maxToolRounds: 8,
    maxToolCalls: 128,
    ...rest,
    name,
    input: input as unknown as Role<z.input<Input>>["input"],
    answer: output,
    prompt: prompt ?? renderSections,
    ...(check ? { check: check } : {}),
    ...(finish ? { finish: finish } : {}),
    ...(request ? { request: parseRequestFields(request, where) } : {}),
  };
}
