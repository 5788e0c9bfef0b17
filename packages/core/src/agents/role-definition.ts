import type { StructuredToolInterface } from "@langchain/core/tools";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { z } from "zod";
import type { Timeouts } from "../call/index.ts";
import type { RequestFields } from "../completions/index.ts";

/** An unfinished answer: the text so far, or the object with the fields so far. */
export type PartialAnswer<Answer> = Answer extends object ? Partial<Answer> : Answer;

/** Options of `defineRole()`. */
export interface RoleDefinition<
  Input extends StandardSchemaV1 = z.ZodString,
  Answer extends StandardSchemaV1 = z.ZodString,
  Output = StandardSchemaV1.InferOutput<Answer>,
> {
  /** Letters, digits, `-` and `_`; the key in `AGENT_MODEL_MAP`. */
  readonly name: string;
  /** The system prompt. */
  readonly system: string;
  /** A schema of zod, or another Standard Schema. @defaultValue text */
  readonly input?: Input | undefined;
  /**
   * The schema of the model's answer; the model sees the field descriptions. A schema of zod, or another Standard Schema
   * that has a JSON Schema.
   *
   * @defaultValue text
   */
  readonly output?: Answer | undefined;
  /** The user's message. @defaultValue a text unchanged, or a Markdown section for each field of the input */
  readonly prompt?: (input: StandardSchemaV1.InferOutput<Input>) => string | Promise<string>;
  /** @defaultValue none */
  readonly tools?: readonly StructuredToolInterface[];
  /** Maximum tokens of one answer. @defaultValue `2048` */
  readonly maxTokens?: number;
  /** @defaultValue the provider's */
  readonly temperature?: number | undefined;
  /**
   * Request fields of the role, by their names on the wire: OpenRouter's `provider`, `models`,
   * `plugins`, `reasoning` and others. They have precedence over `OPENROUTER_PROVIDER`; `AGENT_REQUEST_MAP` and
   * a call's own fields have precedence over them.
   */
  readonly request?: RequestFields | undefined;
  /** @defaultValue `AGENT_MODEL_MAP`, or else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Time limits of the role, in milliseconds. @defaultValue those of the settings */
  readonly timeouts?: Partial<Timeouts> | undefined;
  /** Priority in the rate limiter; higher goes first. @defaultValue `0` */
  readonly priority?: number | undefined;
  /** @defaultValue `8` */
  readonly maxToolRounds?: number;
  /** Tool calls of one run of the agent; the model gets an error for each one above. @defaultValue `128` */
  readonly maxToolCalls?: number;
  /** Timeout of one tool call, in milliseconds. @defaultValue `LLM_TOOL_TIMEOUT` */
  readonly toolTimeoutMs?: number | undefined;
  /** Returns problems of an answer that its schema does not check. The model may correct them once. */
  readonly check?:
    | ((
        answer: StandardSchemaV1.InferOutput<Answer>,
        input: StandardSchemaV1.InferOutput<Input>,
      ) => readonly string[])
    | undefined;
  /** Computes the agent's output from the model's answer. @defaultValue the unchanged answer */
  readonly finish?: (
    answer: StandardSchemaV1.InferOutput<Answer>,
    input: StandardSchemaV1.InferOutput<Input>,
  ) => Output | Promise<Output>;
  /**
   * Computes the output so far from an unfinished answer, so that an agent with a `finish` streams: from the
   * text so far, or from the object so far. Called for each piece; the last output is that of `finish`.
   *
   * @defaultValue none; an agent with a `finish` streams its output in one piece
   */
  readonly partial?:
    | ((
        answer: PartialAnswer<StandardSchemaV1.InferOutput<Answer>>,
        input: StandardSchemaV1.InferOutput<Input>,
      ) => Output)
    | undefined;
}
