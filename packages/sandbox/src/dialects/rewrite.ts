import type { JsonObject } from "../wire/chat-request.ts";
import type { Body, Chunk, Dialect, DialectContext, Message, WireToolCall } from "./dialect.ts";

/** The parts of a dialect that rewrites answers. */
export type Rewriting = Required<Pick<Dialect, "chunks" | "body">>;

/** Changes the usage, wherever it is; `undefined` omits it. */
export function rewriteUsage(change: (usage: JsonObject) => unknown): Rewriting {
  const rewrite = ({ usage, ...part }: Chunk | Body): JsonObject => {
    const changed = usage && change(usage);
    return changed === undefined ? part : { ...part, usage: changed };
  };
  return {
    chunks: (chunks) => chunks.map(rewrite).filter(saysAnything),
    body: rewrite,
  };
}

/** Changes each message, and each piece of one. */
export function rewriteMessage(change: (message: Message) => JsonObject): Rewriting {
  return {
    chunks: (chunks) =>
      chunks.map((chunk) => ({
        ...chunk,
        choices: chunk.choices.map((choice) => ({ ...choice, delta: change(choice.delta) })),
      })),
    body: (body) => ({
      ...body,
      choices: body.choices.map((choice) => ({ ...choice, message: change(choice.message) })),
    }),
  };
}

/** Changes each tool call, and each piece of one. */
export function rewriteToolCalls(change: (call: WireToolCall) => JsonObject): Rewriting {
  return rewriteMessage(({ tool_calls: calls, ...message }) =>
    calls === undefined ? message : { ...message, tool_calls: calls.map(change) },
  );
}

/** Changes each chunk, and the whole answer, in the same way. */
export function rewriteAll(change: (part: Chunk | Body) => JsonObject): Rewriting {
  return { chunks: (chunks) => chunks.map(change), body: change };
}

/** Inserts chunks before the first one with content. */
export function beforeText(chunks: readonly Chunk[], added: readonly JsonObject[]): JsonObject[] {
  return [...chunks.slice(0, 1), ...added, ...chunks.slice(1)];
}

/** A chunk with another delta. */
export function withDelta(chunk: Chunk, delta: JsonObject): Chunk {
  return { ...chunk, choices: chunk.choices.map((choice) => ({ ...choice, delta })) };
}

/** Sends all tool calls in one piece, as servers do that parse them at the end. */
export function joinToolCalls(
  chunks: readonly Chunk[],
  { answer }: Pick<DialectContext, "answer">,
): readonly Chunk[] {
  const first = chunks.find(isPiece);
  const calls = answer.choices[0]?.message.tool_calls;
  if (first === undefined || calls === undefined) return chunks;
  const joined = withDelta(first, { role: "assistant", content: "", tool_calls: calls });
  return chunks
    .filter((chunk) => chunk === first || !isPiece(chunk))
    .map((chunk) => (chunk === first ? joined : chunk));
}

/** A chunk with a piece of a tool call. */
function isPiece({ choices }: Chunk): boolean {
  return choices[0]?.delta.tool_calls !== undefined;
}

/** An object without some of its fields. */
export function without(part: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(part).filter(([name]) => !names.includes(name)));
}

/** Moves the usage from its own chunk to the one with the finish reason. */
export function usageWithFinish(chunks: readonly Chunk[]): readonly Chunk[] {
  const usage = chunks.at(-1)?.usage;
  if (usage === undefined) return chunks;
  const finish = finishOf(chunks);
  return chunks
    .slice(0, -1)
    .map((chunk, index) => (index === finish ? { ...chunk, usage } : chunk));
}

/** The position of the chunk that has the finish reason. */
export function finishOf(chunks: readonly Chunk[]): number {
  return chunks.findIndex(({ choices }) => choices[0]?.finish_reason);
}

/** A chunk that has only usage is omitted without it. */
function saysAnything(chunk: JsonObject): boolean {
  return chunk.usage !== undefined || !Array.isArray(chunk.choices) || chunk.choices.length > 0;
}
