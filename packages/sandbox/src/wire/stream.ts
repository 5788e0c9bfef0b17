import type { ChoiceError } from "./completion.ts";
import { SYSTEM_FINGERPRINT } from "./completion.ts";
import type { Generation } from "./generation.ts";
import { openAiUsage, openRouterUsage } from "./usage.ts";

/** The parts of a streamed answer, each one server-sent event or comment. */
export interface StreamFrames {
  readonly opening: readonly string[];
  readonly content: readonly string[];
  readonly finish: string;
  /** Missing where usage was not asked for, or does not exist. */
  readonly usage?: string;
}

/** The keep-alive that OpenRouter sends while a provider has not begun; clients must skip it. */
export const PROCESSING_COMMENT = ": OPENROUTER PROCESSING\n\n";

/** The last event of a stream that is complete. */
export const DONE = "data: [DONE]\n\n";

/** Writes one event. */
export function frame(payload: unknown): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}

/** Splits an answer into the events of its stream. `includeUsage` counts in OpenAI's dialect only. */
export function streamFrames(
  generation: Generation,
  chunkCharacters: number,
  includeUsage: boolean,
): StreamFrames {
  const { dialect, usage, finishReason } = generation;
  const isOpenRouter = dialect === "openrouter";
  const chunk = (choice: object) => frame({ ...chunkHead(generation), choices: [choice] });
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
    opening: isOpenRouter
      ? [PROCESSING_COMMENT, delta({ role: "assistant", content: "" })]
      : [delta({ role: "assistant", content: "" })],
    content: deltas(generation, chunkCharacters).map(delta),
    finish,
    ...(sendsUsage && {
      usage: frame({ ...chunkHead(generation), choices: [], usage: wireUsage }),
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
    ...(generation.dialect === "openrouter" && { provider: generation.provider }),
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
    // A pair of surrogates is one character: half of it would not survive UTF-8.
    if (/[\uD800-\uDBFF]/.test(text[end - 1] ?? "")) end += 1;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}
