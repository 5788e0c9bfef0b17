import { APIError } from "openai";
import { toModelError } from "../index.ts";

export const now = Date.UTC(2026, 10, 22, 23, 0, 0);

/** The error that the OpenAI client throws for a response. */
export const answer = (
  status: number,
  body?: object,
  headers: Record<string, string> = {},
  text?: string,
) => APIError.generate(status, body, text, new Headers(headers));

export const read = (error: unknown) => {
  const { message, details } = toModelError(error, {}, now);
  return { message, reason: undefined, ...details };
};
