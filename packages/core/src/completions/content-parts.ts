import { olderMessage } from "./envelope.ts";
import type { CompletionChunk } from "./wire.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A message, or a piece of one, whose content may be of any form. */
export interface LooseMessage {
  content?: unknown;
  reasoning?: unknown;
  refusal?: unknown;
  images?: unknown;
}

/**
 * Turns content that is a list of parts, or one part, into the text that it is, in place. Reasoning,
 * refusals and pictures go to the fields that OpenRouter has for them.
 *
 * Source: https://docs.mistral.ai/capabilities/reasoning/, whose parts of the type `thinking` have
 * parts of text themselves.
 */
export function flattenContent(message: LooseMessage): void {
  const { content } = message;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  let text = "";
  let reasoning = "";
  const images: unknown[] = [];
  for (const part of parts) {
    const fields = (typeof part === "object" && part !== null ? part : {}) as Fields;
    const { type } = fields;
    if (isReasoning(fields)) reasoning += textOf(fields["thinking"] ?? part);
    else if (type === "image_url") images.push(part);
    else if (type === "refusal") message.refusal = textOf(fields["refusal"]);
    else text += textOf(part);
  }
  message.content = text;
  if (reasoning !== "") message.reasoning = textOf(message.reasoning) + reasoning;
  if (images.length > 0) message.images = images;
}

/**
 * The message or the text of a choice that has no delta, as one, in place. MiniMax repeats the whole
 * message at the end.
 *
 * @param isRepeated - Whether deltas have said it before.
 */
export function asDelta(
  choice: CompletionChunk["choices"][number],
  isRepeated: boolean,
): typeof choice.delta {
  const { message } = choice as { readonly message?: typeof choice.delta };
  choice.delta = (olderMessage(choice) as typeof message) ?? (isRepeated ? {} : (message ?? {}));
  return choice.delta;
}

function isReasoning({ type, thinking }: Fields): boolean {
  return (typeof type === "string" && /think|reason/.test(type)) || thinking !== undefined;
}

/** The text of a text, of a part, or of parts; servers differ in the names. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object" || value === null) return "";
  const { text, content, value: inner, parts, reasoning, summary } = value as Fields;
  return textOf(text ?? content ?? inner ?? parts ?? reasoning ?? summary);
}
