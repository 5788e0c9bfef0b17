import {
  pickRunnableConfigKeys,
  raceWithSignal,
  type RunnableConfig,
} from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { IterableReadableStream } from "@langchain/core/utils/stream";

/**
 * The chunks of a run as a stream, each of them produced in the run's context; resolves at the first
 * one. Like `Runnable.stream` of LangChain, which creates the context again for every chunk: that takes
 * longer than the chunk.
 */
export async function streamInContext<Chunk>(
  chunks: AsyncGenerator<Chunk>,
  config: Partial<RunnableConfig>,
): Promise<IterableReadableStream<Chunk>> {
  const { signal } = config;
  const storage = AsyncLocalStorageProviderSingleton.getInstance();
  const context: unknown = AsyncLocalStorageProviderSingleton.runWithConfig(
    pickRunnableConfigKeys(config),
    () => storage.getStore(),
    true,
  );
  const read = () =>
    storage.run<Promise<IteratorResult<Chunk>>>(context, () =>
      signal ? raceWithSignal(chunks.next(), signal) : chunks.next(),
    );
  let first: IteratorResult<Chunk> | undefined = await read();
  return new IterableReadableStream<Chunk>({
    async pull(controller) {
      signal?.throwIfAborted();
      const { done, value } = first ?? (await read());
      first = undefined;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await chunks.return(reason);
    },
  });
}
