import { AIMessage, AIMessageChunk, type StoredMessage } from "@langchain/core/messages";
import { ChatGenerationChunk, type ChatResult } from "@langchain/core/outputs";
import { isJson, type Journal, type JournalEntry } from "../journal/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import { fieldsOf } from "./coalesced.ts";

/** An answer, and the record of the call that it took. */
export interface Answer {
  readonly result: ChatResult;
  readonly record: CallRecord;
}

/** A call's place in the journal of its run. */
export interface Once {
  readonly journal: Journal;
  readonly entry: JournalEntry;
  /** Called for an answer that comes from the journal, with the record of the call that was made. */
  readonly onReplay: (record: CallRecord) => void;
}

/** What a journal keeps of an answer: JSON. */
interface KeptAnswer {
  readonly generations: readonly {
    readonly message: StoredMessage;
    readonly generationInfo?: Record<string, unknown> | undefined;
  }[];
  readonly llmOutput?: Record<string, unknown> | undefined;
  readonly record: CallRecord;
}

/** What is kept of an answer that JSON cannot hold: after a crash, the model is asked again. */
const unkept = null;

/** The answer from the journal, or the one that the call gives; what fails or is aborted is not kept. */
export async function answerOnce(
  { journal, entry, onReplay }: Once,
  call: () => Promise<Answer>,
): Promise<ChatResult> {
  let own = undefined as Answer | undefined;
  const kept = await journal.once(entry, async () => {
    own = await call();
    return keep(own);
  });
  if (own) return own.result;
  if (kept === unkept) return (await call()).result;
  onReplay(kept.record);
  return restore(kept);
}

/**
 * The same for a stream: the chunks as they come, or from the journal one chunk with the whole
 * answer. A stream that broke, or that its reader left, is not kept.
 */
export async function* streamOnce(
  { journal, entry, onReplay }: Once,
  open: () => AsyncGenerator<ChatGenerationChunk, CallRecord>,
): AsyncGenerator<ChatGenerationChunk> {
  const begun = Promise.withResolvers<undefined>();
  const ended = Promise.withResolvers<KeptAnswer | typeof unkept>();
  const once = journal.once(entry, () => {
    begun.resolve(undefined);
    return ended.promise;
  });
  // Whoever reads the stream to its end hears of a failure; whoever left it does not care.
  once.catch(() => undefined);
  const kept = await Promise.race([begun.promise, once]);
  if (kept) {
    onReplay(kept.record);
    yield* restore(kept).generations.map(chunkOf);
    return;
  }
  const stream = open();
  let whole: ChatGenerationChunk | undefined;
  try {
    for (;;) {
      const next = await stream.next();
      if (next.done) {
        ended.resolve(
          whole ? keep({ result: { generations: [whole] }, record: next.value }) : unkept,
        );
        break;
      }
      const { value: chunk } = next;
      if (isRestart(chunk)) whole = undefined;
      else whole = whole?.concat(chunk) ?? chunk;
      yield chunk;
    }
    await once;
  } catch (error) {
    ended.reject(error);
    throw error;
  } finally {
    // Says nothing to a stream that has come to its end.
    ended.reject(new Error("The stream was not read to its end"));
    await stream.return(undefined as never);
  }
}

/** A generation as the one chunk of a stream. */
export function chunkOf({ text, message, generationInfo }: ChatResult["generations"][number]) {
  return new ChatGenerationChunk({
    text,
    message: new AIMessageChunk(message),
    ...(generationInfo ? { generationInfo } : {}),
  });
}

function keep({ result, record }: Answer): KeptAnswer | typeof unkept {
  const { generations, llmOutput } = result;
  const kept: KeptAnswer = {
    generations: generations.map(({ message, generationInfo }) => ({
      message: { type: "ai", data: fieldsOf(message as AIMessage) as StoredMessage["data"] },
      generationInfo,
    })),
    llmOutput,
    record,
  };
  return isJson(kept) ? kept : unkept;
}

function restore({ generations, llmOutput }: KeptAnswer): ChatResult {
  return {
    generations: generations.map(({ message: { data }, generationInfo }) => {
      const message = new AIMessage(data as ConstructorParameters<typeof AIMessage>[0]);
      return { text: message.text, message, ...(generationInfo ? { generationInfo } : {}) };
    }),
    ...(llmOutput ? { llmOutput } : {}),
  };
}

/** Whether a stream begins anew: what came before is void. */
function isRestart({ message }: ChatGenerationChunk): boolean {
  return message.response_metadata["restart"] !== undefined;
}
