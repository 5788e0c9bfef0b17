import type { AIMessageChunk } from "@langchain/core/messages";
import type { ChatGenerationChunk } from "@langchain/core/outputs";
import { ModelError, StreamInterruptedError } from "../errors/index.ts";
import { Attempt, type AttemptInput } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall } from "./model-call.ts";

export interface LiveAnswerOptions {
  readonly call: ModelCall;
  readonly input: AttemptInput;
}

/** A stream whose first token is there. */
interface OpenStream {
  readonly attempt: Attempt;
  readonly candidate: Candidate;
  /** What came up to the first token, that one included. */
  readonly head: readonly ChatGenerationChunk[];
  readonly tail: AsyncGenerator<ChatGenerationChunk>;
}

/**
 * Calls the model for an answer that the caller gets token by token. Retries and fallbacks hide
 * every failure up to the first token; after it the caller has seen part of one answer, and another
 * would not continue it.
 *
 * @throws {StreamInterruptedError} for a failure after the first token
 */
export async function* callForLiveAnswer({
  call,
  input,
}: LiveAnswerOptions): AsyncGenerator<ChatGenerationChunk> {
  call.log.ask(input.messages);
  const { attempt, candidate, head, tail } = await call.run((to, waitedMs) =>
    openStream(new Attempt({ call, candidate: to, waitedMs, isLive: true }), to, input),
  );
  let text = "";
  let isSettled = false;
  try {
    for (const chunk of head) {
      text += chunk.text;
      yield chunk;
    }
    for (;;) {
      const next = await attempt.deadline.race(tail.next());
      if (next.done) break;
      text += next.value.text;
      yield next.value;
    }
    attempt.open.succeed();
    call.succeed(text);
    isSettled = true;
  } catch (error) {
    isSettled = true;
    const failure = attempt.fail(error);
    call.fail(failure);
    throw call.isAborted
      ? failure
      : new StreamInterruptedError(candidate.model, text, {
          cause: failure,
          usage: attempt.open.seen.usage,
        });
  } finally {
    if (!isSettled) {
      attempt.open.fail(new ModelError("The reader left the stream", { kind: "aborted" }));
      call.leave();
    }
    attempt[Symbol.dispose]();
    // Ends the request behind a stream that nobody reads any more.
    void tail.return(undefined).catch(() => undefined);
  }
}

async function openStream(
  attempt: Attempt,
  candidate: Candidate,
  { messages, options }: AttemptInput,
): Promise<OpenStream> {
  const chatOptions = attempt.chatOptions(options) as never;
  const tail = candidate.chat._streamResponseChunks(messages, chatOptions);
  const head: ChatGenerationChunk[] = [];
  try {
    for (;;) {
      const next = await attempt.deadline.race(tail.next());
      if (next.done) {
        throw new ModelError("The answer is empty", {
          kind: "invalid_response_error",
          reason: "empty",
        });
      }
      head.push(next.value);
      if (hasToken(next.value)) return { attempt, candidate, head, tail };
    }
  } catch (error) {
    attempt[Symbol.dispose]();
    throw attempt.fail(error);
  }
}

function hasToken({ text, message }: ChatGenerationChunk): boolean {
  return text !== "" || ((message as AIMessageChunk).tool_call_chunks?.length ?? 0) > 0;
}
