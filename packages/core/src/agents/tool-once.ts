import { ToolMessage, type ToolMessageFields } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { isJson, stepOf } from "../journal/index.ts";
import { readConfigurable } from "../models/index.ts";
import { requestKey } from "../resilience/coalesce/index.ts";

/** What a journal keeps of a tool call: JSON. */
type KeptOutput = { readonly message: ToolMessageFields } | { readonly output: unknown };

/** What is kept of an output that JSON cannot hold: after a crash, the tool runs again. */
const unkept = null;

/**
 * The same tool, whose calls have an idempotency key, and are not made again where the run's journal
 * has them. Errors and interrupts pass through as they are, and are not kept.
 *
 * @param onJournalFailure - Called when the journal fails, and not the tool, with what it threw.
 */
export function toolOnce(
  tool: StructuredToolInterface,
  onJournalFailure: (error: unknown) => void = () => undefined,
): StructuredToolInterface {
  const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
    const { journal, run_id: run, step = stepOf(config) } = readConfigurable(config);
    const { name } = tool;
    const asked = { tool: name, ...readCall(input) };
    const configurable = {
      ...config.configurable,
      idempotency_key: keyOf({ run, step, ...asked }),
    };
    const call = (): Promise<unknown> => tool.invoke(input as never, { ...config, configurable });
    if (!journal) return call();

    let own: PromiseSettledResult<unknown> | undefined;
    const work = async () => {
      [own] = await Promise.allSettled([call()]);
      if (own.status === "rejected") throw own.reason;
      return keep(own.value);
    };
    const entry = { kind: "tool", step, name, request: keyOf(asked) } as const;
    const kept = await journal.once(entry, work).catch((error: unknown) => {
      if (own?.status !== "rejected" || own.reason !== error) onJournalFailure(error);
      throw error;
    });
    if (own?.status === "fulfilled") return own.value;
    return kept === unkept ? call() : restore(kept);
  };
  return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
}

/** What a tool is asked: by a model's tool call, or by its arguments alone. */
function readCall(input: unknown): { readonly args: unknown; readonly id?: unknown } {
  const { type, args, id } = (input ?? {}) as Record<string, unknown>;
  return type === "tool_call" ? { args, id } : { args: input };
}

function keyOf(asked: object): string {
  return requestKey(JSON.parse(JSON.stringify(asked)));
}

function keep(output: unknown): KeptOutput | typeof unkept {
  const kept = ToolMessage.isInstance(output) ? { message: fieldsOf(output) } : { output };
  return isJson(kept) ? kept : unkept;
}

function restore(kept: KeptOutput): unknown {
  return "message" in kept ? new ToolMessage(kept.message) : kept.output;
}

function fieldsOf(message: ToolMessage): ToolMessageFields {
  const { content, tool_call_id, name, id, status, artifact, metadata } = message;
  const { additional_kwargs, response_metadata } = message;
  const said = { content, tool_call_id, additional_kwargs, response_metadata, artifact };
  return {
    ...said,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}
