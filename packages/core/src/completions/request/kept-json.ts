import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { expected } from "../../errors/explain-issue.ts";
import { checkInput } from "../../input/check-input.ts";
import { object } from "../../input/schemas.ts";
import { valueOfField } from "./value-of-field.ts";
import type { ChatRequest } from "../wire.ts";

/** The received JSON of messages, in bytes, by their list. */
export const keptMessages: WeakMap<object, Buffer> = new WeakMap();

const bytes = z.instanceof(Buffer, { error: expected("a Buffer with the request's JSON") });

/**
 * Keeps the JSON of a request's messages, so that they are sent on unchanged: serializing a long conversation
 * again takes longer than finding it in the request.
 *
 * @param request - The parsed JSON.
 * @param json - The caller does not change it later.
 * @throws {ArgumentError} for a request that is not an object, and JSON that is not a `Buffer`
 */
export function keepMessages(request: object, json: Buffer): void {
  checkInput(object, request, "keepMessages()", "request");
  checkInput(bytes, json, "keepMessages()", "json");
  const { messages } = request as { readonly messages?: unknown };
  // Bytes that are not UTF-8 were parsed to another text.
  if (!Array.isArray(messages) || !isUtf8(json)) return;
  const kept = valueOfField(json, "messages");
  if (kept) keptMessages.set(messages, kept);
}

/** A caller who gets the list of messages may change it. From then on it is serialized for each request. */
export function forgetMessages(messages: readonly unknown[]): void {
  keptMessages.delete(messages);
}

/** Writes a request as JSON, with the JSON of its messages unchanged. */
export function writeWithMessages(request: ChatRequest, messages: Buffer): Buffer {
  const others = JSON.stringify({ ...request, messages: undefined }).slice(0, -1);
  return Buffer.concat([Buffer.from(`${others},"messages":`), messages, Buffer.from("}")]);
}
