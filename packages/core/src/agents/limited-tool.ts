import { ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { StructuredTool, type StructuredToolInterface } from "@langchain/core/tools";
import type { z } from "zod";
import type { Clock } from "../clock/index.ts";
import { unlessAborted } from "../resilience/index.ts";
import { checkedArguments } from "./checked-arguments.ts";
import { plainValue } from "./plain-value.ts";
import type { BeginTool } from "./tool-events.ts";
import { isGenerator, readableResult, yieldsOf, type ResultSource } from "./tool-result.ts";

/** Limits of an agent's tools, so that no tool blocks its run or fills the model's context. */
export interface ToolLimits {
  readonly clock: Clock;
  /** Timeout of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** The name of the limit in errors. @defaultValue `LLM_TOOL_TIMEOUT` */
  readonly timeoutName?: string | undefined;
  /** Maximum characters of a result or an error for the model. */
  readonly maxResult: number;
  /** Removes secrets from the text of a result or an error. */
  readonly redact: (text: string) => string;
}

/** Called by the tools of an agent, so that the agent can track their calls. */
export interface ToolCallWatch {
  /** Called before each call; throws if no further call is allowed. */
  readonly admit: () => void;
  /** Called when a call starts. */
  readonly begin: BeginTool;
}

/**
 * The same tool with limits of time and size. Anything that it throws becomes an error with a text that the
 * model may see, except an interrupt of the graph and an abort of the run.
 */
export function limitedTool(
  tool: StructuredToolInterface,
  limits: ToolLimits,
  { admit, begin }: ToolCallWatch,
): StructuredToolInterface {
  const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
    admit();
    const { clock, timeoutMs } = limits;
    const stop = new AbortController();
    const expire = () => stop.abort(timeoutError(tool.name, limits));
    const cancel = clock.after(timeoutMs, expire);
    const signal = config.signal ? AbortSignal.any([config.signal, stop.signal]) : stop.signal;
    const execution = begin(tool.name, input);
    const configurable = { ...config.configurable, parent_id: execution.id };
    try {
      const source = { name: tool.name, signal, maxResult: limits.maxResult };
      const checked = checkedArguments(tool);
      const work = withReadableResult(tool, source, checked?.schema).invoke(input as never, {
        ...config,
        configurable,
        signal,
      });
      const result = await unlessAborted(work, signal).catch((error: unknown) => {
        throw checked?.thrown ?? error;
      });
      const readable = await unlessAborted(readableResult(result, source), signal);
      const limited = limitedResult(readable, limits);
      execution.end("succeeded");
      return limited;
    } catch (error) {
      if (config.signal?.aborted) {
        execution.end("aborted");
        throw config.signal.reason;
      }
      if (isInterrupt(error)) {
        execution.end("interrupted");
        throw error;
      }
      const readable = readableError(error, tool.name, limits);
      execution.end(stop.signal.aborted ? "timeout" : "failed", readable.message);
      throw readable;
    } finally {
      cancel();
    }
  };
  return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
}

type Call = (...args: unknown[]) => unknown;

/**
 * The same tool, whose own code returns a result that the model can read: LangChain would convert a `Map` to
 * `{}`, and drop the content of a stream. A class that replaces LangChain's `invoke` is called unchanged.
 *
 * @param schema - Checks the arguments. @defaultValue the tool's own
 */
function withReadableResult(
  tool: StructuredToolInterface,
  source: ResultSource,
  schema: z.ZodType | undefined,
): StructuredToolInterface {
  if ((tool.invoke as unknown) !== StructuredTool.prototype.invoke) return tool;
  const own = tool as unknown as { readonly _call: Call; readonly responseFormat?: string };
  const read = own.responseFormat === "content_and_artifact" ? withArtifact : readableResult;
  const call: Call = async (...args) => {
    const result = await own._call(...args);
    return isGenerator(result) ? yieldsOf(result, source, read) : read(result, source);
  };
  return Object.create(tool, {
    _call: { value: call },
    ...(schema ? { schema: { value: schema } } : {}),
  }) as StructuredToolInterface;
}

async function withArtifact(result: unknown, source: ResultSource): Promise<unknown> {
  if (!Array.isArray(result) || result.length !== 2) {
    throw new TypeError(
      `The tool ${source.name} has the responseFormat "content_and_artifact", and returned something else: expected [content, artifact]`,
    );
  }
  const [content, artifact] = result as [unknown, unknown];
  return [await readableResult(content, source), artifact];
}

function timeoutError(name: string, limits: ToolLimits): Error {
  const { timeoutMs, timeoutName = "LLM_TOOL_TIMEOUT" } = limits;
  return new Error(`The tool ${name} gave no result within ${timeoutMs / 1000} s (${timeoutName})`);
}

/** Maximum number of thrown values that are shown. */
const maxShown = 1000;

/** Code can throw anything: `null`, a text, an error with megabytes of text or a key in it. */
function readableError(thrown: unknown, name: string, limits: ToolLimits): Error {
  const message =
    thrown instanceof Error ? thrown.message : `The tool ${name} threw ${show(thrown)}`;
  const readable = limitedText(message, limits);
  if (thrown instanceof Error && readable === thrown.message) return thrown;
  const error = new Error(readable);
  if (thrown instanceof Error) error.name = thrown.name;
  return error;
}

/** LangGraph's interrupts and commands to a parent graph are thrown. */
function isInterrupt(thrown: unknown): boolean {
  return typeof thrown === "object" && thrown !== null && "is_bubble_up" in thrown;
}

function show(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    const plain = plainValue(thrown, { circular: () => "[circular]", maxValues: maxShown });
    return JSON.stringify(plain) ?? String(thrown);
  } catch {
    return "what cannot be shown";
  }
}

/** The result, with its texts as they are sent to the model. */
function limitedResult(result: unknown, limits: ToolLimits): unknown {
  if (typeof result === "string") return limitedText(result, limits);
  if (Array.isArray(result)) return limitedContent(result, limits);
  if (ToolMessage.isInstance(result)) {
    const { content } = result;
    result.content =
      typeof content === "string"
        ? limitedText(content, limits)
        : (limitedContent(content ?? [], limits) as typeof content);
  }
  return result;
}

/** The parts of a message unchanged, or their JSON if it is too long or contains a secret. */
function limitedContent(parts: readonly unknown[], limits: ToolLimits): unknown {
  const json = JSON.stringify(plainValue(parts, { circular: () => "[circular]" }));
  const limited = limitedText(json, limits);
  return limited === json ? parts : limited;
}

/** A secret may begin before the cut and end after it. Servers accept headers of up to 16 KiB. */
const maxSecret = 16_384;

function limitedText(text: string, { redact, maxResult }: ToolLimits): string {
  const readable = redact(text.slice(0, maxResult + maxSecret));
  if (text.length <= maxResult) return readable;
  // If the cut is inside a surrogate pair, its second half is removed.
  const kept = readable.slice(0, maxResult).replace(/[\ud800-\udbff]$/, "");
  return `${kept}\n[cut off: the first ${kept.length} of ${text.length} characters (LLM_MAX_TOOL_RESULT)]`;
}
