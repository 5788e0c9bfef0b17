import type { RunnableConfig } from "@langchain/core/runnables";
import type { IterableReadableStream } from "@langchain/core/utils/stream";
import { ModelError } from "../errors/index.ts";

/**
 * Starts a stream whose work ends at once when its reader leaves. A generator that waits for its next piece
 * would end only when that piece arrives.
 */
export async function streamUntilLeft<T>(
  config: Partial<RunnableConfig>,
  start: (config: Partial<RunnableConfig>) => Promise<IterableReadableStream<T>>,
): Promise<IterableReadableStream<T>> {
  const left = new AbortController();
  const signal = config.signal ? AbortSignal.any([config.signal, left.signal]) : left.signal;
  const stream = await start({ ...config, signal });
  const reason = new ModelError("The reader left the stream", { kind: "aborted" });
  /** A read in progress ends with the reason, but the reader gets no error because it left. */
  const leave = async <R>(end: () => Promise<R>, whenLeft: R): Promise<R> => {
    left.abort(reason);
    try {
      return await end();
    } catch (error) {
      if (error !== reason) throw error;
      return whenLeft;
    }
  };
  const end = stream.return.bind(stream);
  const cancel = stream.cancel.bind(stream);
  stream.return = () => leave(end, { done: true, value: undefined });
  stream.cancel = (why) => leave(() => cancel(why), undefined);
  return stream;
}
