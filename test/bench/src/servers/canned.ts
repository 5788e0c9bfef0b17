/** Models that the canned server lists, with prices, so that budgets in dollars can be kept. */
export const benchModel = "openai/gpt-4o";
export const otherModel = "openai/gpt-4o-mini";

/** Chunks of the long answer, as the stream's rows count them. */
export const longChunks = 50;
/** Chunks of the short answer where it is streamed: a token each. */
export const shortChunks = 8;

export interface CannedAnswer {
  /** As `application/json`. */
  readonly whole: Buffer;
  /** As server-sent events. */
  readonly stream: Buffer;
}

/** All answers of the canned server, ready to be sent. */
export function cannedAnswers(): { short: CannedAnswer; long: CannedAnswer; models: Buffer } {
  return {
    short: answerOf(piecesOf(shortChunks)),
    long: answerOf(piecesOf(longChunks)),
    models: Buffer.from(JSON.stringify({ data: [benchModel, otherModel].map(modelEntry) })),
  };
}

/** A JSON object with one text, cut into this number of pieces; it fits an agent's schema. */
function piecesOf(count: number): readonly string[] {
  const words = Array.from({ length: count - 2 }, (_, index) => `word${index} `);
  return ['{"text":"', ...words, 'end"}'];
}

const common = { id: "gen-1767225600-bench", provider: "OpenAI", model: benchModel, created: 1 };

function answerOf(pieces: readonly string[]): CannedAnswer {
  const message = { role: "assistant", content: pieces.join(""), refusal: null };
  const whole = {
    ...common,
    object: "chat.completion",
    choices: [{ index: 0, ...ends, message }],
    usage: usageOf(pieces.length),
  };
  const events = [...pieces.map(pieceEvent), ...lastEvents(pieces.length)];
  return { whole: Buffer.from(JSON.stringify(whole)), stream: Buffer.from(events.join("")) };
}

const ends = { finish_reason: "stop", native_finish_reason: "stop", logprobs: null };
const goesOn = { finish_reason: null, native_finish_reason: null, logprobs: null };

/** A piece of a streamed answer, as a server-sent event. */
export function pieceEvent(piece: string): string {
  return chunkEvent({ choices: [{ index: 0, delta: delta(piece), ...goesOn }] });
}

/** The chunks after the pieces: the finish reason and the usage. */
export function lastEvents(tokens: number): readonly string[] {
  return [
    chunkEvent({ choices: [{ index: 0, delta: delta(""), ...ends }] }),
    chunkEvent({ choices: [], usage: usageOf(tokens) }),
    "data: [DONE]\n\n",
  ];
}

function chunkEvent(fields: object): string {
  return `data: ${JSON.stringify({ ...common, object: "chat.completion.chunk", ...fields })}\n\n`;
}

function usageOf(completionTokens: number): object {
  return {
    prompt_tokens: 40,
    completion_tokens: completionTokens,
    total_tokens: 40 + completionTokens,
    cost: 0.000_125,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}

function delta(content: string): object {
  return { role: "assistant", content };
}

function modelEntry(id: string): object {
  return {
    id,
    context_length: 128_000,
    supported_parameters: ["max_tokens", "temperature", "tools", "structured_outputs"],
    pricing: { prompt: "0.0000025", completion: "0.00001" },
  };
}
