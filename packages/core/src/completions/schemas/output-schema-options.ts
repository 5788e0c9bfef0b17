import type { Awaitable } from "../request-end.ts";

/**
 * How a model is asked to answer in the shape of a schema.
 *
 * - `jsonSchema`: the provider holds the model to the schema (`response_format`).
 * - `functionCalling`: the model calls a tool whose arguments are the answer.
 * - `jsonMode`: the schema is in the prompt, and the model is instructed to answer in JSON.
 */
export type StructuredOutputMethod = "jsonSchema" | "functionCalling" | "jsonMode";

/** Says what is wrong with a value, one sentence for each problem; nothing where it is right. */
export type Check = (value: unknown) => Awaitable<readonly string[]>;

export interface OutputSchemaOptions {
  /** Name of the schema, or of the tool that takes the answer. @defaultValue `"answer"` */
  readonly name?: string | undefined;
  /** @defaultValue the best one that the model supports */
  readonly method?: StructuredOutputMethod | undefined;
  /** @defaultValue of a zod schema, whether providers accept it as strict; of others, nothing is sent */
  readonly strict?: boolean | undefined;
  /** Checks what a schema cannot express; its sentences are shown to the model. */
  readonly check?: Check | undefined;
  /** Lets an answer pass that does not fit, once the model could not correct it. @defaultValue `false` */
  readonly acceptsMismatch?: boolean | undefined;
  /** Keeps an answer that is a tool call unchanged. @defaultValue `false`: it becomes text */
  readonly keepsToolCall?: boolean | undefined;
}

/** What became of an answer that should fit the schema. */
export type Reading =
  | {
      readonly kind: "answer";
      readonly value: unknown;
      readonly json: unknown;
      /** Whether the JSON was found among other things, or had to be corrected. */
      readonly isOdd?: true;
    }
  | { readonly kind: "tool-calls" }
  | { readonly kind: "off-schema"; readonly problem: string };

/** A tool call, as the wire has it. */
export interface CalledTool {
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}
