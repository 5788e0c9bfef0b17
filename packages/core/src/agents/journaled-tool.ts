import {
  AIMessage,
  ToolMessage,
  type BaseMessage,
  type ToolMessageFields,
} from "@langchain/core/messages";
import { Validator } from "@langchain/core/utils/json_schema";
import type { RunnableConfig } from "@langchain/core/runnables";
import { ToolInputParsingException, type StructuredToolInterface } from "@langchain/core/tools";
import { firstAndLast } from "../errors/bounded.ts";
import { ArgumentError } from "../errors/argument-error.ts";
import { readConfigurable } from "../gateway/call-options.ts";
import {
  isJournalFailure,
  isJson,
  journaled,
  outlineOf,
  stepOf,
  type JournalCodec,
} from "../journal/index.ts";
import { requestKey } from "../resilience/coalesce/index.ts";

/**
 * The same tool, whose calls have an idempotency key, and are not repeated if the run's journal has
 * their results. Errors and interrupts are thrown unchanged, and are not stored.
 *
 * @param onFatal - Called with an error that the model cannot correct: the journal has failed, or a tool
 * interrupts a run that no checkpointer stores.
 */
export function journaledTool(
  tool: StructuredToolInterface,
  onFatal: (error: Error) => void = () => undefined,
): StructuredToolInterface {
  const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
    const { journal, run_id: run, step = stepOf(config) } = readConfigurable(config);
    const { name } = tool;
    const problem = unreadable(input);
    if (problem !== undefined) return errorMessage(input, name, problem);
    const request = { tool: name, ...readCall(input), answer: answerId(input, config) };
    const outline = () => outlineOf(JSON.parse(JSON.stringify(request)) as object);
    const entry = { kind: "tool", step, name, request: hashOf(request), outline } as const;
    const call = (occurrence = 1): Promise<unknown> => {
      const idempotency_key = hashOf({ run, step, ...request, occurrence });
      const configurable = { ...config.configurable, idempotency_key };
      return tool.invoke(input as never, { ...config, configurable });
    };
    try {
      return await journaled(journal, entry, call, outputCodec);
    } catch (error) {
      if (isJournalFailure(error)) onFatal(error);
      if (isMissingCheckpointer(error)) {
        const fatal = cannotInterrupt(name, error);
        onFatal(fatal);
        throw fatal;
      }
      if (error instanceof ToolInputParsingException) {
        return errorMessage(
          input,
          name,
          `the arguments do not fit: ${mismatchOf(error, tool, input)}`,
        );
      }
      throw error;
    }
  };
  return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
}

/** LangGraph's error for an interrupt without a checkpointer. */
function isMissingCheckpointer(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === "GraphValueError" &&
    /checkpointer/i.test(error.message)
  );
}

function cannotInterrupt(name: string, cause: unknown): ArgumentError {
  return new ArgumentError(
    `The tool ${name} calls interrupt(), which needs a checkpointer to store the run while it waits: run the agent in a graph that has a checkpointer`,
    { cause },
  );
}

/** The problems of arguments that could not be read: the model's text, in a list. */
function unreadable(input: unknown): string | undefined {
  const { args } = readCall(input);
  if (!Array.isArray(args)) return undefined;
  const [text] = args as [string];
  try {
    JSON.parse(text);
    return "the arguments are not a JSON object";
  } catch (error) {
    return `the arguments are not JSON: ${(error as Error).message}`;
  }
}

/** The text that the model gets for a call that was not made: one line, without a stack or paths of this host. */
function errorMessage(input: unknown, name: string, problem: string): ToolMessage {
  const { id } = readCall(input);
  const line = problem.replaceAll(/\s+/g, " ").trim();
  return new ToolMessage({
    content: `Error: ${line}. Call ${name} again with corrected arguments.`,
    tool_call_id: typeof id === "string" ? id : "",
    name,
    status: "error",
  });
}

/** LangChain reports mismatches for zod schemas only. */
function mismatchOf(error: Error, { schema }: StructuredToolInterface, input: unknown): string {
  const reported = error.message
    .replace("Received tool input did not match expected schema", "")
    .trim();
  if (reported !== "") return reported.replaceAll("✖ ", "").replaceAll("→ ", "");
  const { errors } = new Validator(schema as ValidationSchema).validate(readCall(input).args);
  return firstAndLast(
    errors.map(({ instanceLocation: at, error: problem }) => `${at}: ${problem}`),
  ).join("; ");
}

/** The arguments of a model's tool call with its id, or only the arguments. */
function readCall(input: unknown): { readonly args: unknown; readonly id?: unknown } {
  const { type, args, id } = (input ?? {}) as Record<string, unknown>;
  return type === "tool_call" ? { args, id } : { args: input };
}

/**
 * The id of the message that contains the call. Some servers use the same id for the first call of every
 * conversation, and two agents may work in one step.
 */
function answerId(input: unknown, config: object): string | undefined {
  const { state } = config as { readonly state?: { readonly messages?: readonly BaseMessage[] } };
  const { id } = readCall(input);
  const answer = state?.messages?.findLast(
    (message) =>
      AIMessage.isInstance(message) && message.tool_calls?.some((call) => call.id === id),
  );
  return answer?.id;
}

function hashOf(request: object): string {
  return requestKey(JSON.parse(JSON.stringify(request)));
}

type ValidationSchema = ConstructorParameters<typeof Validator>[0];

type StoredOutput = { readonly message: ToolMessageFields } | { readonly output: unknown };

const outputCodec: JournalCodec<unknown> = {
  serialize(output) {
    const stored: StoredOutput = ToolMessage.isInstance(output)
      ? { message: fieldsOf(output) }
      : { output };
    return isJson(stored) ? stored : undefined;
  },
  restore(stored) {
    const output = stored as StoredOutput;
    return "message" in output ? new ToolMessage(output.message) : output.output;
  },
};

function fieldsOf(message: ToolMessage): ToolMessageFields {
  const { content, tool_call_id, name, id, status, artifact, metadata } = message;
  const { additional_kwargs, response_metadata } = message;
  return {
    content,
    tool_call_id,
    additional_kwargs,
    response_metadata,
    artifact,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
