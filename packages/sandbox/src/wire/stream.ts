import type { ChoiceError } from "./completion.ts";
import { SYSTEM_FINGERPRINT } from "./completion.ts";
import type { Generation } from "./generation.ts";
import { openAiUsage, openRouterUsage } from "./usage.ts";

/** The chunks of a streamed answer. */
export interface StreamChunks<Chunk = object> {
  readonly opening: readonly Chunk[];
  readonly content: readonly Chunk[];
  readonly finish: Chunk;
  /** Missing if usage was not requested, or does not exist. */
  readonly usage?: Chunk;
}

/** The parts of a streamed answer, each one server-sent event or comment. */
export type StreamFrames = StreamChunks<string>;

/** The keep-alive that OpenRouter sends while a provider has not begun; clients must skip it. */
export const PROCESSING_COMMENT = ": OPENROUTER PROCESSING\n\n";

/** The last event of a stream that is complete. */
export const DONE = "data: [DONE]\n\n";

/** Writes one event. */
export function frame(payload: unknown): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}

/** The events of a stream of chunks; OpenRouter's begins with a keep-alive. */
export function streamFrames(
  { opening, content, finish, usage }: StreamChunks,
  isOpenRouter: boolean,
): StreamFrames {
  return {
    opening: [...(isOpenRouter ? [PROCESSING_COMMENT] : []), ...opening.map(frame)],
    content: content.map(frame),
    finish: frame(finish),
    ...(usage !== undefined && { usage: frame(usage) }),
  };
}

/** Splits an answer into the chunks of its stream. `includeUsage` applies only in OpenAI's format. */
export function streamChunks(
  generation: Generation,
  chunkCharacters: number,
  includeUsage: boolean,
): StreamChunks {
  const { format, usage, finishReason } = generation;
  const isOpenRouter = format === "openrouter";
  const chunk = (choice: object) => ({ ...chunkHead(generation), choices: [choice] });
  const delta = (fields: object) =>
    chunk({
      index: 0,
      delta: fields,
      finish_reason: null,
      ...(isOpenRouter && { native_finish_reason: null }),
      logprobs: null,
    });

  const finish = chunk({
    index: 0,
    delta: isOpenRouter ? { role: "assistant", content: "" } : {},
    finish_reason: finishReason,
    ...(isOpenRouter && { native_finish_reason: finishReason }),
    logprobs: null,
  });
  const wireUsage = usage && (isOpenRouter ? openRouterUsage(usage) : openAiUsage(usage));
  const sendsUsage = wireUsage !== undefined && (isOpenRouter || includeUsage);
  return {
    opening: [delta({ role: "assistant", content: "" })],
    content: deltas(generation, chunkCharacters).map(delta),
    finish,
    ...(sendsUsage && {
      usage: { ...chunkHead(generation), choices: [], usage: wireUsage },
    }),
  };
}

/** A chunk that carries an error; the stream ends after it. */
export function errorFrame(
  generation: Generation,
  error: ChoiceError,
  withChoice: boolean,
): string {
  const choice = { index: 0, delta: { content: "" }, finish_reason: "error" };
  return frame({ ...chunkHead(generation), error, choices: withChoice ? [choice] : [] });
}

function chunkHead(generation: Generation) {
  return {
    id: generation.id,
    object: "chat.completion.chunk",
    created: generation.createdAtSeconds,
    model: generation.model,
    ...(generation.format === "openrouter" && { provider: generation.provider }),
    system_fingerprint: SYSTEM_FINGERPRINT,
  };
}

function deltas({ answer }: Generation, chunkCharacters: number): object[] {
  const text = split(answer.content ?? "", chunkCharacters).map((content) => ({
    role: "assistant",
    content,
  }));
  const calls = answer.toolCalls.flatMap((call, index) => [
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { index, id: call.id, type: "function", function: { name: call.name, arguments: "" } },
      ],
    },
    ...split(call.arguments, chunkCharacters).map((part) => ({
      tool_calls: [{ index, type: "function", function: { arguments: part } }],
    })),
  ]);
  return [...text, ...calls];
}

function split(text: string, size: number): string[] {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = start + size;
    // A surrogate pair is one character: half of it could not be encoded in UTF-8.
    if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? "")) end += 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
