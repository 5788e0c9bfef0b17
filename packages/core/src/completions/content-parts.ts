import type { Fields } from "../input/is-object.ts";
import { olderMessage } from "./envelope.ts";
import type { CompletionChunk } from "./wire.ts";

/** A message, or a piece of one, whose content may have any form. */
export interface LooseMessage {
  content?: unknown;
  reasoning?: unknown;
  refusal?: unknown;
  images?: unknown;
  tool_calls?: unknown;
}

/**
 * Replaces content that is a list of parts, or one part, by its text, in place. Reasoning,
 * refusals, images and tool calls are moved to the fields that OpenRouter has for them. An object that is not a
 * part becomes JSON.
 *
 * Sources: https://docs.mistral.ai/capabilities/reasoning/, whose parts of the type `thinking` have
 * parts of text themselves; https://docs.claude.com/en/api/messages, whose tool calls are parts.
 */
export function flattenContent(message: LooseMessage): void {
  const { content } = message;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  let text = "";
  let reasoning = "";
  const images: unknown[] = [];
  const calls: unknown[] = [];
  for (const part of parts) {
    const fields = (typeof part === "object" && part !== null ? part : {}) as Fields;
    const { type } = fields;
    if (isReasoning(fields)) reasoning += textOf(fields["thinking"] ?? part);
    else if (type === "image_url") images.push(part);
    else if (type === "refusal") message.refusal = textOf(fields["refusal"]);
    else if (typeof type === "string" && callTypes.test(type)) calls.push(part);
    else text += textOf(part);
  }
  message.content = text === "" && isAnswerObject(content) ? JSON.stringify(content) : text;
  if (calls.length > 0) message.tool_calls = [...[message.tool_calls ?? []].flat(), ...calls];
  if (reasoning !== "") message.reasoning = textOf(message.reasoning) + reasoning;
  if (images.length > 0) message.images = images;
}

const callTypes = /^(tool|function)_?(use|call)$/i;

/** Whether content is an object that is the answer itself, and not a part of a message. */
function isAnswerObject(content: unknown): boolean {
  if (typeof content !== "object" || content === null || Array.isArray(content)) return false;
  const names = Object.keys(content);
  return names.length > 0 && !names.some((name) => name === "type" || textNames.includes(name));
}

/**
 * Converts the message or the text of a choice without a delta to a delta, in place. MiniMax repeats the whole
 * message at the end.
 *
 * @param isRepeated - Whether earlier deltas already contained it.
 */
export function asDelta(
  choice: CompletionChunk["choices"][number],
  isRepeated: boolean,
): typeof choice.delta {
  const { message, delta } = choice as { readonly message?: typeof choice.delta; delta?: unknown };
  if (typeof delta === "string") return (choice.delta = { content: delta });
  choice.delta = (olderMessage(choice) as typeof message) ?? (isRepeated ? {} : (message ?? {}));
  return choice.delta;
}

function isReasoning({ type, thinking }: Fields): boolean {
  return (typeof type === "string" && /think|reason/.test(type)) || thinking !== undefined;
}

const textNames = ["text", "content", "value", "parts", "reasoning", "summary", "thinking"];

/** The text of a text, of a part, or of parts; servers use different field names. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || value === true) return String(value);
  if (Array.isArray(value)) return value.map(textOf).join("");
  if (typeof value !== "object" || value === null) return "";
  const { text, content, value: inner, parts, reasoning, summary } = value as Fields;
  return textOf(text ?? content ?? inner ?? parts ?? reasoning ?? summary);
}
