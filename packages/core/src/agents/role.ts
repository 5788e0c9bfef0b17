import type { StructuredToolInterface } from "@langchain/core/tools";
import type { z } from "zod";
import type { Timeouts } from "../models/timeouts.ts";

/**
 * What an agent is, as data: its instructions, the shape of what goes in and of what comes out, its
 * tools. A role knows no model; the orchestra binds it to one.
 *
 * @typeParam Input - What the agent takes.
 * @typeParam Answer - What the model is asked to fill in.
 * @typeParam Output - What the agent gives: the answer, or what `finish` made of it.
 */
export interface Role<Input = unknown, Answer = unknown, Output = Answer> {
  /** Key in `AGENT_MODEL_MAP`, and the `agent_type` of the role's calls. */
  readonly name: string;
  readonly system: string;
  readonly input: z.ZodType<Input>;
  readonly answer: z.ZodType<Answer>;
  /** The user's message, from the input. */
  readonly prompt: (input: Input) => string;
  readonly tools: readonly StructuredToolInterface[];
  /** Most tokens of one answer, sent as `max_tokens` with every request. */
  readonly maxTokens: number;
  readonly temperature?: number | undefined;
  /** Model where neither `AGENT_MODEL_MAP` nor the caller names one. @defaultValue `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Time limits of the role's own, over those of the settings. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Place in the account's line; higher goes first. */
  readonly priority?: number | undefined;
  /** Most rounds of tool calls before an answer has to be there. */
  readonly maxToolRounds: number;
  /** Says what is wrong with an answer beyond its schema; the model gets one turn to mend it. */
  readonly check?: ((answer: Answer, input: Input) => readonly string[]) | undefined;
  /** Makes the output from the answer, in code. */
  readonly finish: (answer: Answer, input: Input) => Output | Promise<Output>;
}
