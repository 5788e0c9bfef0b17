import { parsePartialJson } from "@langchain/core/output_parsers";
import {
  interopSafeParseAsync,
  isInteropZodSchema,
  type InteropZodType,
} from "@langchain/core/utils/types";
import { Validator } from "@langchain/core/utils/json_schema";
import { describeSchema } from "./describe-schema.ts";
import { isTooComplex, maxValuesAtOnce, simpleLength } from "../reading/json-shape.ts";
import type { AnySchema } from "./json-schema-of.ts";
import type {
  CalledTool,
  Check,
  OutputSchemaOptions,
  Reading,
  StructuredOutputMethod,
} from "./output-schema-options.ts";
import { judgeBy, problemsIn } from "./own-check.ts";
import { readOddAnswer } from "./read-odd-answer.ts";
import { judgeThrown } from "./schema-failure.ts";
import type { ChatRequest, Completion, WireTool } from "../wire.ts";

type Json = Readonly<Record<string, unknown>>;
type ResponseFormat = { readonly type: string };

/** Maximum characters of an answer that is read: more than a model writes in one answer. */
const maxLength = 2 ** 20;

/** The schema of a model's final answer: how it is requested, and how the answer is read. */
export class OutputSchema {
  readonly name: string;
  readonly method: StructuredOutputMethod | undefined;
  readonly jsonSchema: Json;
  readonly keepsToolCall: boolean;
  readonly acceptsMismatch: boolean;
  readonly #description: string | undefined;
  readonly #schema: InteropZodType | undefined;
  readonly #validator: Validator | undefined;
  readonly #check: Check | undefined;
  readonly #strict: boolean | undefined;
  readonly #strictSchema: Json | undefined;
  /** Shared by all requests. */
  #responseFormat: ResponseFormat | undefined;

  /** @param schema - A zod schema, another standard schema, a JSON schema, or a function's definition. */
  constructor(schema: AnySchema, options: OutputSchemaOptions = {}) {
    this.#schema = isInteropZodSchema(schema) ? schema : undefined;
    const described = describeSchema(schema);
    this.jsonSchema = described.jsonSchema;
    this.#validator = this.#schema ? undefined : new Validator(this.jsonSchema);
    this.#description = described.description;
    this.#strict = options.strict;
    this.#strictSchema = described.strictSchema;
    this.name = options.name ?? described.name ?? "answer";
    this.method = options.method;
    this.keepsToolCall = options.keepsToolCall ?? false;
    this.acceptsMismatch = options.acceptsMismatch ?? false;
    this.#check = options.check;
  }

  /** Whether the answer is a text. A part of a text is valid too, so an answer that was cut off is refused. */
  get isText(): boolean {
    return false;
  }

  /** The same schema with an additional check. */
  withCheck(check: Check): OutputSchema {
    const { name, jsonSchema: parameters } = this;
    const definition = { name, description: this.#description, parameters };
    return new OutputSchema(this.#schema ?? definition, {
      name,
      method: this.method,
      strict: this.#strict,
      keepsToolCall: this.keepsToolCall,
      acceptsMismatch: this.acceptsMismatch,
      check,
    });
  }

  /** The request that asks for the answer by `method`. */
  ask(method: StructuredOutputMethod, request: ChatRequest): ChatRequest {
    switch (method) {
      case "jsonSchema":
        // A caller such as `createAgent` has put the schema into the request in its own format.
        if (request.response_format?.type === "json_schema" && this.#isSentAsGiven) return request;
        this.#responseFormat ??= this.#asResponseFormat();
        return { ...request, response_format: this.#responseFormat };
      case "functionCalling": {
        const { response_format: _, tools = [], ...others } = request;
        const tool_choice =
          tools.length > 0 ? "required" : { type: "function", function: { name: this.name } };
        return { ...others, tools: [...tools, this.#asTool()], tool_choice };
      }
      case "jsonMode": {
        const content = `Answer with one JSON object and nothing else. It must fit this JSON schema:\n${JSON.stringify(this.jsonSchema)}`;
        const messages = [{ role: "system" as const, content }, ...request.messages];
        return { ...request, messages, response_format: { type: "json_object" } };
      }
    }
  }

  /** An answer in JSON that is still arriving, as far as it can be read; `null` where it cannot. */
  readPartial(json: string): unknown {
    return parsePartialJson(json);
  }

  /** Finds the answer in text or tool calls, in any form, and checks it. */
  async read(text: string, calls: readonly CalledTool[] = []): Promise<Reading> {
    const call = calls.find(({ name }) => name === this.name);
    if (!call && calls.length > 0) return { kind: "tool-calls" };
    const given = call ? call.arguments : text;
    if (given.length > simpleLength && (given.length > maxLength || isTooComplex(given))) {
      const problem = `it has more than ${maxLength} characters, or more than ${maxValuesAtOnce} values`;
      return { kind: "off-schema", problem };
    }
    let json: unknown;
    try {
      json = JSON.parse(given);
    } catch {
      return readOddAnswer(given, this.jsonSchema, this.#judge.bind(this));
    }
    const { problems, value } = await this.#judge(json);
    if (problems.length === 0) return { kind: "answer", value, json };
    return readOddAnswer(given, this.jsonSchema, this.#judge.bind(this), problems);
  }

  /** The same completion with its answer as text, even if the answer is a tool call. */
  toContent(completion: Completion, json: unknown, isOdd = false): Completion {
    const [choice, ...others] = completion.choices;
    if (!choice || this.keepsToolCall) return completion;
    const { tool_calls: calls, ...message } = choice.message;
    if (!calls?.length && !isOdd) return completion;
    const finish_reason = choice.finish_reason === "tool_calls" ? "stop" : choice.finish_reason;
    const answer = {
      ...choice,
      finish_reason,
      message: { ...message, content: JSON.stringify(json) },
    };
    return { ...completion, choices: [answer, ...others] };
  }

  /** A schema that the caller has put into the request is sent unchanged, if strict mode accepts it. */
  get #isSentAsGiven(): boolean {
    return this.#strict !== true || this.#strictSchema === this.jsonSchema;
  }

  /** The schema and whether it is strict: only if strict mode accepts a form of it. */
  #asSent(isWanted: boolean | undefined): { schema: Json; strict?: boolean } {
    if (isWanted === undefined) return { schema: this.jsonSchema };
    const fitted = isWanted ? this.#strictSchema : undefined;
    return { schema: fitted ?? this.jsonSchema, strict: fitted !== undefined };
  }

  #asResponseFormat(): ResponseFormat {
    const sent = this.#asSent(this.#strict ?? (this.#schema ? true : undefined));
    const json_schema = {
      name: this.name,
      ...(this.#description ? { description: this.#description } : {}),
      ...sent,
    };
    return { type: "json_schema", json_schema } as ResponseFormat;
  }

  #asTool(): WireTool {
    const { schema, ...rest } = this.#asSent(this.#strict);
    const description =
      this.#description ?? "Takes the final answer. Call it once, when the answer is complete.";
    return {
      type: "function",
      function: {
        name: this.name,
        description,
        parameters: { ...schema },
        ...rest,
      },
    };
  }

  async #judge(json: unknown): Promise<{ problems: readonly string[]; value?: unknown }> {
    if (this.#schema) {
      const parsed = await interopSafeParseAsync(this.#schema, json).catch(failedParse);
      if (!parsed.success) {
        const { error } = parsed;
        return { problems: problemsIn(error) ?? (await judgeThrown(error, this.#schema, json)) };
      }
      const { data: value } = parsed;
      return { problems: this.#check ? await judgeBy(this.#check, value) : [], value };
    }
    const { valid, errors } = (this.#validator as Validator).validate(json);
    if (valid)
      return { problems: this.#check ? await judgeBy(this.#check, json) : [], value: json };
    return {
      problems: errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`),
    };
  }
}

/** zod 3 throws errors of the schema's own code; zod 4 returns them instead of its error. */
function failedParse(error: unknown) {
  return { success: false as const, error };
}
