import { ToolMessage, type ToolMessageFields } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { readConfigurable } from "../models/index.ts";
import {
  isJournalFailure,
  isJson,
  journaled,
  stepOf,
  type JournalCodec,
} from "../journal/index.ts";
import { requestKey } from "../resilience/coalesce/index.ts";

/**
 * The same tool, whose calls have an idempotency key, and are not repeated if the run's journal has
 * their results. Errors and interrupts are thrown as they are, and are not stored.
 *
 * @param onJournalFailure - Called with the error when the journal fails, and not the tool.
 */
export function journaledTool(
  tool: StructuredToolInterface,
  onJournalFailure: (error: Error) => void = () => undefined,
): StructuredToolInterface {
  const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
    const { journal, run_id: run, step = stepOf(config) } = readConfigurable(config);
    const { name } = tool;
    const request = { tool: name, ...readCall(input) };
    const idempotency_key = hashOf({ run, step, ...request });
    const configurable = { ...config.configurable, idempotency_key };
    const entry = { kind: "tool", step, name, request: hashOf(request) } as const;
    const call = (): Promise<unknown> => tool.invoke(input as never, { ...config, configurable });
    try {
      return await journaled(journal, entry, call, outputCodec);
    } catch (error) {
      if (isJournalFailure(error)) onJournalFailure(error);
      throw error;
    }
  };
  return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
}

/** The arguments of a model's tool call with its id, or arguments alone. */
function readCall(input: unknown): { readonly args: unknown; readonly id?: unknown } {
  const { type, args, id } = (input ?? {}) as Record<string, unknown>;
  return type === "tool_call" ? { args, id } : { args: input };
}

function hashOf(request: object): string {
  return requestKey(JSON.parse(JSON.stringify(request)));
}

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
