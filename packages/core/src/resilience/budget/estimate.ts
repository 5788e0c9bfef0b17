/** What is known of a request before it is sent. */
export interface CostEstimate {
  readonly promptTokens: number;
  /** The request's `max_tokens`: the limit of the answer, reasoning included. */
  readonly maxTokens: number;
  /** US dollars for each token of the prompt, and of the answer, from the catalog. */
  readonly promptUsd: number | undefined;
  readonly completionUsd: number | undefined;
  /** US dollars for the request itself. @defaultValue `0` */
  readonly requestUsd?: number | undefined;
}

/**
 * The most that a request can cost, in US dollars: its whole prompt, uncached, and an answer as
 * long as it may be.
 *
 * @returns `undefined` if a price is unknown: no catalog lists the model, or the price is -1 as for
 *   `openrouter/auto`, which chooses a model later
 */
export function estimateCost(request: CostEstimate): number | undefined {
  const { promptTokens, maxTokens, promptUsd, completionUsd, requestUsd = 0 } = request;
  // Models of embeddings have no price for an answer, and no answer of tokens.
  const answerUsd = maxTokens === 0 ? 0 : completionUsd;
  if (!isPrice(promptUsd) || !isPrice(answerUsd) || !isPrice(requestUsd)) return undefined;
  return promptTokens * promptUsd + maxTokens * answerUsd + requestUsd;
}

function isPrice(usd: number | undefined): usd is number {
  return usd !== undefined && usd >= 0;
}

/**
 * A high estimate of a prompt's tokens: one token for every three letters or spaces, one for each
 * digit and punctuation mark, because some tokenizers split those, and one for every two non-ASCII
 * bytes. For prose and code this is 1.5 to 2 times the count of OpenAI's and Llama's tokenizers. For
 * hashes, base64 and scripts that are rare in a tokenizer's training it can be too low.
 *
 * @param prompt - A text, the bytes of one, or messages and tools. Of those the JSON is counted with its
 *   quotes and braces, which count for the markup that the provider adds.
 */
export function estimateTokens(prompt: unknown): number {
  const bytes = prompt instanceof Uint8Array ? prompt : bytesOf(prompt);
  let sixths = 0;
  // A loop by index: an iterator takes three times as long, and prompts are long.
  for (let index = 0; index < bytes.length; index += 1) sixths += sixthsOf[bytes[index] ?? 0] ?? 0;
  return Math.ceil(sixths / 6);
}

function bytesOf(prompt: unknown): Buffer {
  return Buffer.from(typeof prompt === "string" ? prompt : (JSON.stringify(prompt) ?? ""));
}

/** Sixths of a token for each byte. */
const sixthsOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return 3;
  return isLetterOrSpace(byte) ? 2 : 6;
});

function isLetterOrSpace(byte: number): boolean {
  // The control characters in text are whitespace; setting bit 0x20 makes a letter lower case.
  return byte <= 0x20 || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a);
}
