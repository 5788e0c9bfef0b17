import type { Chunk, Dialect, WireToolCall } from "./dialect.ts";
import { rewriteAll, rewriteToolCalls } from "./rewrite.ts";

const withoutIndex = (call: WireToolCall) => ({ ...call, index: undefined });

/** Adds the fields of the first piece to each piece. */
function repeatBeginnings(chunks: readonly Chunk[]): readonly Chunk[] {
  const first = new Map<number, WireToolCall>();
  return rewriteToolCalls((call) => {
    const beginning = first.get(call.index) ?? call;
    first.set(call.index, beginning);
    const { name } = beginning.function;
    return { ...beginning, function: { name, arguments: call.function.arguments } };
  }).chunks(chunks, undefined as never) as readonly Chunk[];
}

const repeated = rewriteToolCalls(withoutIndex);

/** Forms of tool calls. */
export const toolDialects: readonly Dialect[] = [
  {
    name: "tool-index-missing",
    description: "Tool calls without an index.",
    ...rewriteToolCalls(withoutIndex),
  },
  {
    name: "tool-index-constant",
    description: "Tool calls that all have the index 0.",
    ...rewriteToolCalls((call) => ({ ...call, index: 0 })),
  },
  {
    name: "tool-beginning-repeated",
    description: "Tool calls with id and name in each piece, and without an index.",
    chunks: (chunks, context) => repeated.chunks(repeatBeginnings(chunks), context),
    body: repeated.body,
  },
  {
    name: "tool-id-missing",
    description: "Tool calls without an id.",
    ...rewriteToolCalls((call) => ({ ...call, id: undefined })),
  },
  {
    name: "tool-id-same",
    description: "Tool calls that all have the same id, in every answer.",
    ...rewriteToolCalls((call) => (call.id === undefined ? call : { ...call, id: "call_0" })),
  },
  {
    name: "tool-id-long",
    description: "Tool calls with ids of 200 characters.",
    ...rewriteToolCalls((call) =>
      call.id === undefined ? call : { ...call, id: call.id.padEnd(200, "x") },
    ),
  },
  {
    name: "tool-arguments-null",
    description: "Tool calls of tools without parameters, whose arguments are null.",
    ...rewriteToolCalls((call) =>
      ["{}", ""].includes(call.function.arguments)
        ? { ...call, function: { ...call.function, arguments: null } }
        : call,
    ),
  },
  {
    name: "tool-finish-stop",
    description: "Answers with tool calls whose finish reason is stop.",
    ...rewriteAll((part) => ({
      ...part,
      choices: part.choices.map((choice) =>
        choice.finish_reason === "tool_calls" ? { ...choice, finish_reason: "stop" } : choice,
      ),
    })),
  },
  {
    name: "completion-id-same",
    description: "Answers that all have the same id.",
    ...rewriteAll((part) => ({ ...part, id: "chatcmpl-1" })),
  },
  {
    name: "completion-id-empty",
    description: "Answers with an empty id.",
    ...rewriteAll((part) => ({ ...part, id: "" })),
  },
];
