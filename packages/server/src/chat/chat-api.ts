import type { AnswerFormat, CallApi } from "../calls/answer-format.ts";
import { errorBody, type ApiError } from "../errors/api-error.ts";
import { toJson } from "./to-json.ts";

const done = "data: [DONE]\n\n";

/** Requests and answers are passed on unchanged. */
const format: AnswerFormat = {
  keepsJson: true,
  whole: (completion) => toJson(completion, "chat.completion"),
  stream: () => ({
    chunk: (chunk) => `data: ${toJson(chunk, "chat.completion.chunk")}\n\n`,
    end: () => done,
    fail: (error) => `data: ${errorChunk(error)}\n\n${done}`,
  }),
};

/** OpenAI's chat completions. */
export const chatApi: CallApi = { read: (body) => ({ body, format }) };

/** The chunk that reports the end of a stream, as OpenRouter sends it. */
function errorChunk(failure: ApiError): string {
  const { error } = JSON.parse(errorBody(failure)) as { readonly error: object };
  const choices = [{ index: 0, delta: { content: "" }, finish_reason: "error" }];
  return JSON.stringify({ object: "chat.completion.chunk", choices, error });
}
