import type { RunnableConfig } from "@langchain/core/runnables";
import type { IterableReadableStream } from "@langchain/core/utils/stream";
import { ModelError } from "../errors/index.ts";

/**
 * Starts a stream whose work ends at once when its reader leaves. A generator that waits for its next piece
 * would end only when that has come.
 */
export async function streamUntilLeft<T>(
  config: Partial<RunnableConfig>,
  start: (config: Partial<RunnableConfig>) => Promise<IterableReadableStream<T>>,
): Promise<IterableReadableStream<T>> {
  const left = new AbortController();
  const signal = config.signal ? AbortSignal.any([config.signal, left.signal]) : left.signal;
  const stream = await start({ ...config, signal });
  const leave = () => left.abort(new ModelError("The reader left the stream", { kind: "aborted" }));
  const end = stream.return.bind(stream);
  const cancel = stream.cancel.bind(stream);
  stream.return = async () => {
    leave();
    return end();
  };
  stream.cancel = async (reason) => {
    leave();
    return cancel(reason);
  };
  return stream;
}
