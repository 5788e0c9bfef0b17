import { asChunks, CompletionAssembler, type CompletionChunk } from "../completions/index.ts";
import type { JournalSlot } from "../journal/index.ts";
import { journalOperation } from "../journal/journal-failure.ts";
import type { CallInput, CallPlan } from "./call-context.ts";
import type { Policy } from "./chain.ts";
import { callEntry, callResultCodec, emitReplay } from "./journal-entry.ts";
import { LiveStream } from "./live-stream.ts";
import { isRestart } from "./restart.ts";
import { planOfRun } from "./run-models.ts";
import type { CallResult } from "./services.ts";

/**
 * Calls the model for a stream of chunks: live, or one chunk with the whole answer from the run's
 * journal. Resolves at the first token.
 *
 * A stream that broke and starts again has a chunk with `restart`, a number from 1: discard the earlier
 * text.
 *
 * @throws {CallFailedError} when retries and fallbacks are used up before the first token
 * @throws {StreamInterruptedError} while reading, for a failure after the first token
 */
export async function streamCall(
  policies: readonly Policy[],
  planOfRole: CallPlan,
  input: CallInput,
): Promise<AsyncIterable<CompletionChunk>> {
  const plan = input.scope.models ? planOfRun(planOfRole, input) : planOfRole;
  const { journal } = input;
  const entry = journal && callEntry(plan, input);
  if (!entry) return LiveStream.open(policies, plan, input);
  const claim = await journalOperation(() => journal.claim(entry));
  if (claim.isStored) {
    // An answer that JSON cannot express was stored as `null`: the call is made again.
    if (claim.value === null) return LiveStream.open(policies, plan, input);
    const { value } = claim;
    const result = await journalOperation(() => callResultCodec.restore(value));
    emitReplay(plan, input, result);
    return fromList(asChunks(result.completion));
  }
  try {
    return stored(await LiveStream.open(policies, plan, input), claim.slot);
  } catch (error) {
    claim.slot.release();
    throw error;
  }
}

/** Passes a stream on, and stores its answer at the end. A broken or abandoned stream is not stored. */
function stored(stream: LiveStream, slot: JournalSlot): AsyncIterableIterator<CompletionChunk> {
  let assembler = new CompletionAssembler();
  let isStored = false;
  // After an abort or a reader's timeout, there may be no read that releases the slot.
  stream.onUnread = () => slot.release();
  const next = async (): Promise<IteratorResult<CompletionChunk, undefined>> => {
    const { value: chunk, done } = await stream.next();
    if (done) {
      const { record } = stream;
      const result = record && !isStored && { completion: assembler.build(), record };
      isStored = true;
      if (!result) return { done, value: undefined };
      const serialized = callResultCodec.serialize(result satisfies CallResult) ?? null;
      await journalOperation(() => slot.fill(serialized));
      return { done, value: undefined };
    }
    if (isRestart(chunk)) assembler = new CompletionAssembler();
    else assembler.add(chunk);
    return { done: false, value: chunk };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      try {
        return await next();
      } catch (error) {
        slot.release();
        throw error;
      }
    },
    async return() {
      slot.release();
      return stream.return();
    },
    async throw(error) {
      slot.release();
      return stream.throw(error);
    },
  };
}

async function* fromList(chunks: readonly CompletionChunk[]): AsyncGenerator<CompletionChunk> {
  yield* chunks;
}
