import { ToolMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Clock } from "../clock/index.ts";
import { unlessAborted } from "../resilience/index.ts";

/** Bounds on an agent's tools, so that none holds up its run or fills the model's context. */
export interface ToolLimits {
  readonly clock: Clock;
  /** Timeout of one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Characters of a result, or of an error, that the model gets. */
  readonly maxResult: number;
  /** Takes secrets out of the text of an error. */
  readonly redact: (text: string) => string;
}

/**
 * The same tool with limits of time and size. What it throws becomes an error with a text that the
 * model may see; an interrupt of the graph and an abort of the run stay as they are.
 *
 * @param admit - Called before each call; throws where no further one is allowed.
 */
export function limitedTool(
  tool: StructuredToolInterface,
  limits: ToolLimits,
  admit: () => void,
): StructuredToolInterface {
  const invoke = async (input: unknown, config: RunnableConfig = {}): Promise<unknown> => {
    admit();
    const { clock, timeoutMs, maxResult } = limits;
    const stop = new AbortController();
    const expire = () => stop.abort(timeoutError(tool.name, timeoutMs));
    const cancel = clock.after(timeoutMs, expire);
    const signal = config.signal ? AbortSignal.any([config.signal, stop.signal]) : stop.signal;
    try {
      const work = tool.invoke(input as never, { ...config, signal });
      return cutResult(await unlessAborted(work, signal), maxResult);
    } catch (error) {
      config.signal?.throwIfAborted();
      throw readableError(error, tool.name, limits);
    } finally {
      cancel();
    }
  };
  return Object.create(tool, { invoke: { value: invoke } }) as StructuredToolInterface;
}

function timeoutError(name: string, timeoutMs: number): Error {
  return new Error(
    `The tool ${name} gave no result within ${timeoutMs / 1000} s (LLM_TOOL_TIMEOUT)`,
  );
}

/** Anything can be thrown: `null`, a text, an error with megabytes of text or a key in it. */
function readableError(thrown: unknown, name: string, { redact, maxResult }: ToolLimits): unknown {
  if (isInterrupt(thrown)) return thrown;
  const message =
    thrown instanceof Error ? thrown.message : `The tool ${name} threw ${show(thrown)}`;
  const readable = cut(redact(message), maxResult);
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
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return "what cannot be shown";
  }
}

/** The result with its texts cut to what the model gets. */
function cutResult(result: unknown, maxResult: number): unknown {
  if (typeof result === "string") return cut(result, maxResult);
  if (!ToolMessage.isInstance(result)) {
    if (typeof result !== "object" || result === null || "lg_name" in result) return result;
    const json = JSON.stringify(result);
    return json.length > maxResult ? cut(json, maxResult) : result;
  }
  const { content } = result;
  if (typeof content === "string") result.content = cut(content, maxResult);
  else {
    const json = JSON.stringify(content);
    if (json.length > maxResult) result.content = cut(json, maxResult);
  }
  return result;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  // The second half of a character that is cut in two is left out.
  const kept = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, "");
  return `${kept}\n[cut off: the first ${kept.length} of ${text.length} characters (LLM_MAX_TOOL_RESULT)]`;
}
