import {
  AIMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
  type BaseMessage,
} from "@langchain/core/messages";
import type { SerializableSchema } from "@langchain/core/utils/standard_schema";
import type { InteropZodType } from "@langchain/core/utils/types";
import { interopSafeParseAsync, isInteropZodSchema } from "@langchain/core/utils/types";
import { toJsonSchema, Validator } from "@langchain/core/utils/json_schema";
import type { AnswerMethod } from "./answer-method.ts";
import { isStrict } from "./strict-schema.ts";

type Json = Record<string, unknown>;

/** Says what is wrong with a value, one sentence for each fault; nothing where it is right. */
export type Check = (value: unknown) => Promise<readonly string[]> | readonly string[];

export interface AnswerFormatOptions {
  /** Name of the schema, or of the tool that takes the answer. @defaultValue `"answer"` */
  readonly name?: string | undefined;
  /** @defaultValue the best one that the model supports */
  readonly method?: AnswerMethod | undefined;
  /** Checks what a schema cannot say; its sentences are shown to the model. */
  readonly check?: Check | undefined;
}

/** What became of a model's message that should hold an answer. */
export type Reading =
  | { readonly kind: "answer"; readonly message: AIMessage }
  | { readonly kind: "tool-calls" }
  | { readonly kind: "off-schema"; readonly problem: string; readonly repair: BaseMessage[] };

/** The shape that a model's final answer must have, and how to ask for it and read it. */
export class AnswerFormat {
  readonly name: string;
  readonly method: AnswerMethod | undefined;
  readonly jsonSchema: Json;
  readonly #schema: InteropZodType | undefined;
  readonly #check: Check | undefined;
  readonly #isStrict: boolean;
  /** What has been read is not read again. */
  readonly #answers = new WeakMap<AIMessage, unknown>();

  /** @param schema - A zod schema, another standard schema, or a JSON schema. */
  constructor(
    schema: InteropZodType | SerializableSchema | Json,
    options: AnswerFormatOptions = {},
  ) {
    this.#schema = isInteropZodSchema(schema) ? schema : undefined;
    const { jsonSchema, strict } = describe(schema);
    this.jsonSchema = jsonSchema;
    this.#isStrict = strict;
    this.name = options.name ?? "answer";
    this.method = options.method;
    this.#check = options.check;
  }

  /** The messages and call options that ask for the answer by `method`. */
  ask(
    method: AnswerMethod,
    messages: BaseMessage[],
    options: Json,
  ): { messages: BaseMessage[]; options: Json } {
    switch (method) {
      case "jsonSchema": {
        const json_schema = { name: this.name, schema: this.jsonSchema, strict: this.#isStrict };
        return {
          messages,
          options: { ...options, response_format: { type: "json_schema", json_schema } },
        };
      }
      case "functionCalling": {
        const { response_format: _, ...others } = options;
        const tools = (options["tools"] ?? []) as unknown[];
        const tool_choice =
          tools.length > 0 ? "required" : { type: "function", function: { name: this.name } };
        return { messages, options: { ...others, tools: [...tools, this.#asTool()], tool_choice } };
      }
      case "jsonMode": {
        const instruction = new SystemMessage(
          `Answer with one JSON object and nothing else. It must fit this JSON schema:\n${JSON.stringify(this.jsonSchema)}`,
        );
        const response_format = { type: "json_object" };
        return { messages: [instruction, ...messages], options: { ...options, response_format } };
      }
    }
  }

  /** Finds the answer in a message, whichever way the model gave it, and checks it. */
  async read(message: AIMessage): Promise<Reading> {
    const calls = message.tool_calls ?? [];
    const call = calls.find(({ name }) => name === this.name);
    if (!call && calls.length > 0) return { kind: "tool-calls" };

    const found = call ? { value: call.args as unknown } : parseJson(message.text);
    const judged =
      "problem" in found ? { problems: [found.problem] } : await this.#judge(found.value);
    if (judged.problems.length === 0 && "value" in found) {
      const answer = withContent(message, found.value);
      this.#answers.set(answer, "data" in judged ? judged.data : found.value);
      return { kind: "answer", message: answer };
    }
    const problem = judged.problems.join("; ");
    return { kind: "off-schema", problem, repair: this.#repair(message, problem) };
  }

  /** The value that a message holds, as the schema gives it. */
  async parse(message: AIMessage): Promise<unknown> {
    if (this.#answers.has(message)) return this.#answers.get(message);
    const reading = await this.read(message);
    if (reading.kind === "answer") return this.#answers.get(reading.message);
    throw new TypeError(`The message holds no ${this.name}: ${JSON.stringify(reading)}`);
  }

  async #judge(value: unknown): Promise<{ problems: readonly string[]; data?: unknown }> {
    if (this.#schema) {
      const parsed = await interopSafeParseAsync(this.#schema, value);
      if (!parsed.success) return { problems: describeIssues(parsed.error) };
      return { problems: (await this.#check?.(parsed.data)) ?? [], data: parsed.data };
    }
    const { valid, errors } = new Validator(this.jsonSchema).validate(value);
    if (valid) return { problems: (await this.#check?.(value)) ?? [], data: value };
    return {
      problems: errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`),
    };
  }

  #asTool(): Json {
    const description = "Takes the final answer. Call it once, when the answer is complete.";
    return {
      type: "function",
      function: { name: this.name, description, parameters: this.jsonSchema },
    };
  }

  /** The turn that shows the model what was wrong, in the form in which it had answered. */
  #repair(message: AIMessage, problem: string): BaseMessage[] {
    const complaint = `The answer does not fit: ${problem}. Give the whole answer again, corrected.`;
    const calls = message.tool_calls ?? [];
    if (calls.length === 0)
      return [new AIMessage(message.text || "(nothing)"), new HumanMessage(complaint)];
    const replies = calls.map(
      ({ id }) => new ToolMessage({ content: complaint, tool_call_id: id ?? "" }),
    );
    return [message, ...replies];
  }
}

interface Description {
  readonly jsonSchema: Json;
  readonly strict: boolean;
}

/** A role asks for the same schema in every call; putting it into JSON is the dearest part of it. */
const descriptions = new WeakMap<object, Description>();

function describe(schema: InteropZodType | SerializableSchema | Json): Description {
  const known = descriptions.get(schema);
  if (known) return known;
  const jsonSchema = toJsonSchema(schema);
  const description = { jsonSchema, strict: isStrict(jsonSchema) };
  descriptions.set(schema, description);
  return description;
}

/** The same message with its answer as text, whether it came as text or as a tool call. */
function withContent(message: AIMessage, value: unknown): AIMessage {
  if ((message.tool_calls ?? []).length === 0 && message.text.trimStart().startsWith("{"))
    return message;
  return new AIMessage({
    content: JSON.stringify(value),
    ...(message.id === undefined ? {} : { id: message.id }),
    response_metadata: message.response_metadata,
    ...(message.usage_metadata ? { usage_metadata: message.usage_metadata } : {}),
  });
}

/** Reads JSON that may stand in a code fence or among words, as models like to put it. */
function parseJson(text: string): { value: unknown } | { problem: string } {
  const fenced = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1];
  const braced = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  for (const candidate of [text, fenced, braced]) {
    if (!candidate?.trim()) continue;
    try {
      return { value: JSON.parse(candidate) };
    } catch {
      // The next reading may do.
    }
  }
  return { problem: "it is not JSON" };
}

function describeIssues(error: unknown): string[] {
  const { issues } = error as {
    issues?: readonly { path: readonly PropertyKey[]; message: string }[];
  };
  return (issues ?? []).map(({ path, message }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`,
  );
}
