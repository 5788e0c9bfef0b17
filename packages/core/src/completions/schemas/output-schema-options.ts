import type { Awaitable } from "../request-end.ts";

/**
 * How a model is asked to answer in a schema.
 *
 * - `jsonSchema`: the provider enforces the schema (`response_format`).
 * - `functionCalling`: the model calls a tool whose arguments are the answer.
 * - `jsonMode`: the schema is in the prompt, and the model is instructed to answer in JSON.
 */
export type StructuredOutputMethod = "jsonSchema" | "functionCalling" | "jsonMode";

/** Returns the problems of a value, one sentence for each; empty if it is valid. */
export type Check = (value: unknown) => Awaitable<readonly string[]>;

export interface OutputSchemaOptions {
  /** Name of the schema, or of the tool that takes the answer. @defaultValue `"answer"` */
  readonly name?: string | undefined;
  /** @defaultValue the best one that the model supports */
  readonly method?: StructuredOutputMethod | undefined;
  /** @defaultValue of a zod schema, whether providers accept it as strict; of others, nothing is sent */
  readonly strict?: boolean | undefined;
  /** Checks rules that a schema cannot express; its sentences are shown to the model. */
  readonly check?: Check | undefined;
  /** Accepts an answer that does not match, if the model could not correct it. @defaultValue `false` */
  readonly acceptsMismatch?: boolean | undefined;
  /** Keeps an answer that is a tool call unchanged. @defaultValue `false`: it becomes text */
  readonly keepsToolCall?: boolean | undefined;
}

/** The result of reading an answer by the schema. */
export type Reading =
  | {
      readonly kind: "answer";
      readonly value: unknown;
      readonly json: unknown;
      /** Whether the JSON was found in other text, or had to be repaired. */
      readonly isOdd?: true;
    }
  | { readonly kind: "tool-calls" }
  | { readonly kind: "off-schema"; readonly problem: string };

/** A tool call, as on the wire. */
export interface CalledTool {
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
}
