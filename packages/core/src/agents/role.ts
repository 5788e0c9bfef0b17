import type { StructuredToolInterface } from "@langchain/core/tools";
import type { z } from "zod";
import type { Timeouts } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";

/**
 * An agent as data: its instructions, the types of its input and output, its tools. A role
 * has no model; an `Orchestra` binds it to one.
 *
 * @typeParam Input - The caller's input, before the input schema's defaults and transforms.
 * @typeParam Output - The agent's output: the model's answer, or the result of `finish`.
 */
export interface Role<Input = unknown, Output = unknown> {
  /** Key in `AGENT_MODEL_MAP` and `AGENT_REQUEST_MAP`, and the `agent_type` of the role's calls. */
  readonly name: string;
  readonly system: string;
  readonly input: z.ZodType<unknown, Input>;
  /** Schema of the model's answer. @defaultValue plain text */
  readonly answer?: z.ZodType | undefined;
  /** The user's message, from the parsed input. */
  prompt(input: unknown): string | Promise<string>;
  readonly tools: readonly StructuredToolInterface[];
  /** Maximum tokens of one answer, sent as `max_tokens` with every request. */
  readonly maxTokens: number;
  readonly temperature?: number | undefined;
  /** Request fields of the role, by their names on the wire. */
  readonly request?: RequestFields | undefined;
  /** Model of the role, unless `AGENT_MODEL_MAP` or the caller sets one. @defaultValue `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Time limits of the role, which replace those of the settings. */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Priority in the rate limiter; higher goes first. @defaultValue `0` */
  readonly priority?: number | undefined;
  /** Maximum rounds of tool calls before the model must answer. */
  readonly maxToolRounds: number;
  /** Maximum tool calls of one run of the agent. Further calls get an error. */
  readonly maxToolCalls: number;
  /** Timeout of one tool call, in milliseconds. @defaultValue `LLM_TOOL_TIMEOUT` */
  readonly toolTimeoutMs?: number | undefined;
  /** Says what is wrong with an answer beyond its schema; the model may correct it once. */
  check?(answer: unknown, input: unknown): readonly string[];
  /** Makes the output from the answer, in code. @defaultValue the answer is the output */
  finish?(answer: unknown, input: unknown): Output | Promise<Output>;
  /** Makes the output so far from an unfinished answer, for streams. @defaultValue none: streamed whole */
  partial?(answer: unknown, input: unknown): Output;
}
