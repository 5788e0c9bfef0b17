import { AIMessageChunk, type AIMessage, type BaseMessage } from "@langchain/core/messages";
import {
  BaseTransformOutputParser,
  OutputParserException,
  parsePartialJson,
} from "@langchain/core/output_parsers";
import type { ChatGeneration, Generation } from "@langchain/core/outputs";
import { ModelError } from "../errors/index.ts";
import { cutOff, inTime, type TokenLimits, type CheckLimits } from "../completions/index.ts";
import { inAnswer, type CalledTool, type OutputSchema } from "../completions/schemas/index.ts";

/**
 * The value of a model's answer, in the shape of a schema. A stream returns the object so far, and
 * at the end the value that matches the schema.
 */
export class OutputSchemaParser<T> extends BaseTransformOutputParser<T> {
  override lc_namespace = ["orchestra", "models"];
  readonly #schema: OutputSchema;
  readonly #request: TokenLimits;
  readonly #limits: CheckLimits | undefined;
  readonly #isInAnswer: boolean;

  /**
   * @param request - Its limit is named if a stream was cut off.
   * @param limits - Maximum time of a check of the schema. @defaultValue no limit
   * @param isInAnswer - Whether the value is the field `answer` of the schema's object. @defaultValue `false`
   */
  constructor(
    schema: OutputSchema,
    request: TokenLimits = {},
    limits?: CheckLimits,
    isInAnswer = false,
  ) {
    super();
    this.#request = request;
    this.#limits = limits;
    this.#schema = schema;
    this.#isInAnswer = isInAnswer;
  }

  static override lc_name(): string {
    return "OutputSchemaParser";
  }

  getFormatInstructions(): string {
    return `Answer with one JSON object that fits this JSON schema: ${JSON.stringify(this.#schema.jsonSchema)}`;
  }

  /** @throws {OutputParserException} for a text that does not match the schema */
  parse(text: string): Promise<T> {
    return this.#read(text, []);
  }

  override parseResult(generations: Generation[] | ChatGeneration[]): Promise<T> {
    const [generation] = generations;
    if (!generation) throw new OutputParserException("The model gave no answer");
    if (!("message" in generation)) return this.parse(generation.text);
    return this.parseMessage(generation.message);
  }

  /** @throws {OutputParserException} for an answer that does not match the schema */
  parseMessage(message: BaseMessage): Promise<T> {
    return this.#read(message.text, calledTools(message));
  }

  override async *_transform(inputs: AsyncGenerator<string | BaseMessage>): AsyncGenerator<T> {
    let whole: AIMessageChunk | undefined;
    let before = "";
    let last: unknown;
    for await (const input of inputs) {
      const chunk = toChunk(input);
      const isRestart = chunk.response_metadata["restart"] !== undefined;
      whole = whole && !isRestart ? whole.concat(chunk) : chunk;
      const partial = this.#valueOf(parsePartialJson(partialText(whole)));
      const text = JSON.stringify(partial);
      if (typeof partial !== "object" || partial === null || text === before) continue;
      before = text;
      last = partial;
      yield partial as T;
    }
    if (!whole) return;
    const { text, response_metadata: end } = whole;
    const value = await this.parseMessage(whole).catch((error: unknown) => {
      if (end["finish_reason"] === "length") throw cutOff(text, this.#request);
      throwTyped(error);
    });
    // A transform may have converted a text to a date.
    if (!process.getBuiltinModule("node:util").isDeepStrictEqual(value, last)) yield value;
  }

  #valueOf(answer: unknown): unknown {
    return this.#isInAnswer ? inAnswer(answer) : answer;
  }

  async #read(text: string, calls: readonly CalledTool[]): Promise<T> {
    const read = this.#schema.read(text, calls);
    const reading = await (this.#limits ? inTime(read, this.#limits) : read);
    if (reading.kind === "answer") return this.#valueOf(reading.value) as T;
    const problem =
      reading.kind === "tool-calls" ? "the model called other tools" : reading.problem;
    throw new OutputParserException(`The answer does not fit its schema: ${problem}`, text);
  }
}

/** A stream has no second request in which the model could correct its answer. */
function throwTyped(cause: unknown): never {
  if (!(cause instanceof OutputParserException)) throw cause;
  // LangChain adds a link to its own page.
  const [message = ""] = cause.message.split("\n\nTroubleshooting URL:");
  throw new ModelError(
    message,
    { kind: "invalid_response_error", reason: "off_schema" },
    { cause },
  );
}

function calledTools(message: BaseMessage): CalledTool[] {
  const { tool_calls: calls = [] } = message as AIMessage;
  return calls.map(({ name, args }) => ({ name, arguments: JSON.stringify(args) }));
}

function toChunk(input: string | BaseMessage): AIMessageChunk {
  if (typeof input === "string") return new AIMessageChunk({ content: input });
  return input instanceof AIMessageChunk ? input : new AIMessageChunk(input);
}

function partialText(message: AIMessageChunk): string {
  return message.tool_call_chunks?.[0]?.args ?? message.text;
}
