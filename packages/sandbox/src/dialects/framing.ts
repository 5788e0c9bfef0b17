import type { JsonObject } from "../wire/chat-request.ts";
import { DONE } from "../wire/stream.ts";
import type { Body, BodyChoice, Chunk, ChunkChoice, Dialect } from "./dialect.ts";
import { rewriteAll, withDelta, without, type Rewriting } from "./rewrite.ts";

/** Changes each choice, of chunks and of the whole answer. */
function rewriteChoices(change: (choice: ChunkChoice | BodyChoice) => JsonObject): Rewriting {
  return rewriteAll((part: Chunk | Body) => ({ ...part, choices: part.choices.map(change) }));
}

/** The finish reasons of an API that is not OpenAI's. */
function reasons(names: Readonly<Record<string, string>>): Rewriting {
  return rewriteChoices((choice) =>
    without(
      { ...choice, finish_reason: names[choice.finish_reason ?? ""] ?? choice.finish_reason },
      "native_finish_reason",
    ),
  );
}

/** A choice with only its text, as in the older API; tool calls are not moved. */
function asText(choice: ChunkChoice | BodyChoice): JsonObject {
  const said = (
    "message" in choice ? choice.message : choice.delta
  ) as Body["choices"][0]["message"];
  if (said.tool_calls) return choice;
  return { ...without(choice, "message", "delta"), text: said.content ?? "" };
}

/** Two entries of the same choice in each chunk with text. */
function inHalves(chunk: Chunk): JsonObject {
  const text = chunk.choices[0]?.delta.content;
  if (!text) return chunk;
  const half = Math.ceil(text.length / 2);
  const halves = [text.slice(0, half), text.slice(half)];
  const parts = halves.map((content) => withDelta(chunk, { content }));
  return { ...chunk, choices: parts.flatMap(({ choices }) => choices) };
}

/** Forms of whole answers that are not OpenAI's. */
export const framingDialects: readonly Dialect[] = [
  {
    name: "json-lines",
    description: "A stream of JSON lines, as in Ollama's own API.",
    format: "openai",
    event: (json) => `${json}\n`,
    done: "",
    contentType: { stream: "application/x-ndjson" },
  },
  {
    name: "json-concatenated",
    description: "A stream of JSON objects one after the other.",
    format: "openai",
    event: (json) => json,
    done: "",
    contentType: { stream: "application/json" },
  },
  {
    name: "done-lowercase",
    description: "[done] in lower case with spaces, and pings that are not JSON.",
    chunks: (chunks) => chunks.flatMap((chunk) => ["data: ping\n\n", chunk]),
    done: "data: [ done ]\n\n",
  },
  {
    name: "older-text",
    description: "choices[].text, as in the older API, instead of a message.",
    format: "openai",
    ...rewriteChoices(asText),
  },
  {
    name: "envelope-data",
    description: "Answers inside of { code, msg, data }.",
    format: "openai",
    ...rewriteAll((part) => ({ code: 200, msg: "success", data: part })),
  },
  {
    name: "envelope-result",
    description: "Answers as a text inside of { success, result: { response } }.",
    format: "openai",
    ...rewriteAll((part) => ({
      success: true,
      errors: [],
      messages: [],
      result: { response: JSON.stringify(part) },
    })),
  },
  {
    name: "finish-reasons-google",
    description: "Google's finish reasons.",
    format: "openai",
    ...reasons({ stop: "STOP", length: "MAX_TOKENS", tool_calls: "STOP" }),
  },
  {
    name: "finish-reasons-anthropic",
    description: "Anthropic's finish reasons.",
    format: "openai",
    ...reasons({ stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" }),
  },
  {
    name: "choice-in-halves",
    description: "Two entries of one choice in each chunk.",
    chunks: (chunks) => chunks.map(inHalves),
  },
  {
    name: "gzip-unlabelled",
    description: "Compressed by gzip, without a header for it.",
    encoding: "gzip",
    isLabelled: false,
  },
  {
    name: "trailing-script",
    description: "A script of a proxy after the answer.",
    chunks: (chunks) => [...chunks, `${DONE}<script>track()</script>\n\n`],
    body: (body) => `${JSON.stringify(body)}\n<script>track()</script>`,
    done: "",
  },
];
