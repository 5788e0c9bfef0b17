import { AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { ModelError, StreamInterruptedError } from "../errors/index.ts";
import { isMendedElsewhere } from "../resilience/index.ts";
import type { CallRecord, Usage } from "../usage/call-record.ts";
import { Attempt, type AttemptInput } from "./attempt.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall, Turn } from "./model-call.ts";

export interface LiveAnswerOptions {
  readonly call: ModelCall;
  readonly input: AttemptInput;
  /** How often a stream that broke after its first token begins anew; each time is announced. */
  readonly maxRestarts: number;
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
 * @returns the call's record
 * @throws {StreamInterruptedError} for a failure after the first token, when no restart is left
 */
export async function* callForLiveAnswer({
  call,
  input,
  maxRestarts,
}: LiveAnswerOptions): AsyncGenerator<ChatGenerationChunk, CallRecord> {
  call.log.ask(input.messages);
  for (let restarts = 0; ; restarts += 1) {
    const opened = await call.run((turn) => openStream(call, turn, input));
    const outcome = yield* passOn(call, opened);
    if (!("failure" in outcome)) return outcome;
    if (restarts === maxRestarts || !isMendedElsewhere(outcome.failure)) {
      const { failure: cause, partialText, usage } = outcome;
      call.fail(cause);
      throw new StreamInterruptedError(opened.candidate.model, partialText, { cause, usage });
    }
    const { kind, message } = outcome.failure;
    call.log.emit({ type: "restart", attempt: call.log.attempts, kind, message });
    yield restartMark(restarts + 1);
  }
}

interface BrokenStream {
  readonly failure: ModelError;
  readonly partialText: string;
  readonly usage: Usage | undefined;
}

/** @returns what broke, or the call's record for a stream that came to its end */
async function* passOn(
  call: ModelCall,
  { attempt, head, tail }: OpenStream,
): AsyncGenerator<ChatGenerationChunk, BrokenStream | CallRecord> {
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
    await attempt.succeed();
    const record = call.succeed(text);
    isSettled = true;
    return record;
  } catch (error) {
    isSettled = true;
    const failure = await attempt.fail(error);
    if (ModelError.isInstance(failure) && !call.isAborted) {
      return { failure, partialText: text, usage: attempt.seen.usage };
    }
    throw call.fail(failure);
  } finally {
    if (!isSettled) {
      await attempt.fail(new ModelError("The reader left the stream", { kind: "aborted" }));
      call.leave();
    }
    attempt[Symbol.dispose]();
    // Ends the request behind a stream that nobody reads any more.
    void tail.return(undefined).catch(() => undefined);
  }
}

/** Tells a reader who puts chunks together that the text so far is void. */
function restartMark(number: number): ChatGenerationChunk {
  const message = new AIMessageChunk({ content: "", response_metadata: { restart: number } });
  return new ChatGenerationChunk({ text: "", message });
}

async function openStream(call: ModelCall, turn: Turn, asked: AttemptInput): Promise<OpenStream> {
  const { candidate } = turn;
  const input = call.inputFor(candidate, asked);
  const attempt = await Attempt.start({ ...turn, call, input, isLive: true });
  const tail = candidate.chat._streamResponseChunks(input.messages, attempt.chatOptions);
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
    throw await attempt.fail(error);
  }
}

function hasToken({ text, message }: ChatGenerationChunk): boolean {
  return (
    text !== "" ||
    (AIMessageChunk.isInstance(message) && (message.tool_call_chunks ?? []).length > 0)
  );
}
