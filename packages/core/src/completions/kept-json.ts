import { z } from "zod";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { valueOfField } from "./value-of-field.ts";
import type { ChatRequest } from "./wire.ts";

/** The JSON of messages as it came, by the list of them. */
export const keptMessages: WeakMap<object, string> = new WeakMap();

/**
 * Keeps the JSON of a request's messages, for who sends them on as they are: to write a long conversation
 * again takes longer than to find it in the request.
 *
 * @param request - What the JSON was parsed to.
 * @throws {ArgumentError} for a request that is no object, and JSON that is no text
 */
export function keepMessages(request: object, json: string): void {
  checkInput(object, request, "keepMessages()", "request");
  checkInput(z.string(), json, "keepMessages()", "json");
  const { messages } = request as { readonly messages?: unknown };
  const text = Array.isArray(messages) ? valueOfField(json, "messages") : undefined;
  if (text !== undefined) keptMessages.set(messages as object, text);
}

/** Who gets a list of messages may change it: from now on it is written as it is then. */
export function forgetMessages(messages: readonly unknown[]): void {
  keptMessages.delete(messages);
}

/** Writes a request as JSON, with the JSON of its messages as it is. */
export function writeWithMessages(request: ChatRequest, text: string): string {
  return `${JSON.stringify({ ...request, messages: undefined }).slice(0, -1)},"messages":${text}}`;
}
