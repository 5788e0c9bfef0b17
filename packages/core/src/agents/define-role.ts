import type { StructuredToolInterface } from "@langchain/core/tools";
import type { z } from "zod";
import type { Timeouts } from "../models/timeouts.ts";
import { renderSections } from "./render-sections.ts";
import type { Role } from "./role.ts";

/** A role as it is written down; what is left out has a default. */
export interface RoleDefinition<Input, Answer, Output> {
  /** Letters, digits, `-` and `_`; the key in `AGENT_MODEL_MAP`. */
  readonly name: string;
  /** The system prompt. */
  readonly system: string;
  readonly input: z.ZodType<Input>;
  /** What the model fills in; field descriptions are shown to it. */
  readonly output: z.ZodType<Answer>;
  /** The user's message. @defaultValue a Markdown section for each field of the input */
  readonly prompt?: (input: Input) => string;
  /** @defaultValue none */
  readonly tools?: readonly StructuredToolInterface[];
  /** Most tokens of one answer. @defaultValue `2048` */
  readonly maxTokens?: number;
  /** @defaultValue the provider's */
  readonly temperature?: number | undefined;
  /** @defaultValue `AGENT_MODEL_MAP`, else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Time limits of the role's own, in milliseconds. @defaultValue those of the settings */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Place in the account's line; higher goes first. @defaultValue executor 2, validator 1, all others 0 */
  readonly priority?: number | undefined;
  /** @defaultValue `8` */
  readonly maxToolRounds?: number;
  /** Says what is wrong with an answer beyond its schema; the model gets one turn to mend it. */
  readonly check?: ((answer: Answer, input: Input) => readonly string[]) | undefined;
  /** Makes the agent's output from the model's answer. @defaultValue the answer as it is */
  readonly finish?: (answer: Answer, input: Input) => Output | Promise<Output>;
}

/**
 * Defines a role. The built-in three are made by it, and have no privilege over yours.
 *
 * @throws {TypeError} for a name that `AGENT_MODEL_MAP` could not hold
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
export function defineRole<Input, Answer, Output = Answer>(
  definition: RoleDefinition<Input, Answer, Output>,
): Role<Input, Answer, Output> {
  const { name, output, ...rest } = definition;
  if (!/^[A-Za-z][\w-]*$/.test(name)) {
    throw new TypeError(
      `A role's name is letters, digits, - and _, such as "translator"; got ${JSON.stringify(name)}`,
    );
  }
  return {
    prompt: renderSections,
    tools: [],
    maxTokens: 2048,
    maxToolRounds: 8,
    finish: (answer) => answer as unknown as Output,
    ...rest,
    name,
    answer: output,
  };
}
