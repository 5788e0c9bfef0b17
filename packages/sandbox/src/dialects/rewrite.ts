import type { JsonObject } from "../wire/chat-request.ts";
import type { Body, Chunk, Dialect, Message, WireToolCall } from "./dialect.ts";

/** What a dialect that rewrites answers consists of. */
export type Rewriting = Required<Pick<Dialect, "chunks" | "body">>;

/** Changes the usage, wherever it stands; `undefined` leaves it out. */
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

/** The position of the chunk that has the finish reason. */
export function finishOf(chunks: readonly Chunk[]): number {
  return chunks.findIndex(({ choices }) => choices[0]?.finish_reason);
}

/** A chunk of usage alone is nothing without it. */
function saysAnything(chunk: JsonObject): boolean {
  return chunk.usage !== undefined || !Array.isArray(chunk.choices) || chunk.choices.length > 0;
}
