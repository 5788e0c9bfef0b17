import { chunk, events, type Reply } from "./start-upstream.ts";

/** Pieces of arguments whose spaces, escapes and emoji are lost if JSON is serialized again. */
export const argumentDeltas = ['{"q', '": "Z\\u00fc', "rich 🚲\\n", ' "}'] as const;

/** Streams a call of the function `find`, with its arguments in these pieces. */
export const callOfFind: Reply = events(
  chunk({
    role: "assistant",
    tool_calls: [{ index: 0, id: "call_1", type: "function", function: { name: "find" } }],
  }),
  ...argumentDeltas.map((text) =>
    chunk({ tool_calls: [{ index: 0, function: { arguments: text } }] }),
  ),
  chunk({}, "tool_calls"),
);

/** Begins a stream, and never ends it. `left` resolves when Orchestra's server closes the connection. */
export function endless(): { readonly reply: Reply; readonly left: Promise<void> } {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const reply: Reply = (response) => {
    response.once("close", resolve);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${chunk({ content: "The" })}\n\n`);
  };
  return { reply, left };
}
