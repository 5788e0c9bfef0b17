import type { Fields } from "../../input/is-object.ts";
import type { Endpoint } from "../http/http.ts";
import { bareError, failureFrom, hasError, invalid } from "../invalid-answer.ts";
import { ResponseState } from "../response-state.ts";
import { send, sendError, type SendOptions } from "../send.ts";
import type { WholeAnswer } from "../whole-answer.ts";
import type { ChatRequest, Completion } from "../wire.ts";

/** An answer of another API in the form of a chat completion, which all policies can handle. */
export interface DocumentCompletion extends Completion {
  readonly result: unknown;
}

/**
 * Makes one request to an endpoint that is not for chat, and reads its answer.
 *
 * @param body - The body of the request.
 * @param read - Checks the answer's body, and returns the result for the caller.
 * @throws {ModelError} for everything that is not an answer, with the metadata of the response
 */
export async function sendDocument(
  endpoint: Endpoint,
  body: Fields,
  options: SendOptions,
  read: (body: Fields) => unknown,
): Promise<WholeAnswer> {
  const state = new ResponseState();
  try {
    const reader = await send(endpoint, body as unknown as ChatRequest, options, state);
    if (!(await reader.isJson())) {
      void reader.leave(false);
      throw invalid("The answer is not one JSON document", "malformed");
    }
    const document = await reader.readJson();
    state.readBody(document);
    const error = document.error ?? bareError(document);
    if (error && hasError(error)) throw failureFrom(error, document);
    const result = read(document as unknown as Fields);
    state.metadata.firstTokenAt = options.clock.now();
    options.progress?.progress();
    const { id, model } = document;
    const message = { role: "assistant", content: "", refusal: null } as const;
    const choice = { index: 0, finish_reason: "stop", logprobs: null, message } as const;
    const completion: DocumentCompletion = {
      id,
      model,
      object: "chat.completion",
      created: 0,
      choices: [choice],
      result,
    };
    return { kind: "whole", completion, metadata: state.metadata };
  } catch (error) {
    throw sendError(error, options, state);
  }
}
