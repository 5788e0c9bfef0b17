import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { readDocument, type ReadRequest, type ReadResult } from "./read-document.ts";
import type { ThreadMessage } from "./read-worker.ts";

/** A text of this size is read in less time than a thread needs to start. In bytes. */
const smallFile = 16_384;
const maxMemoryMb = 256;
const checkMemoryEveryMs = 25;

const tooMuchMemory = `too complex: it takes more than ${maxMemoryMb} MB of memory to read`;

/**
 * Reads files one after the other in a thread, which is ended when a file takes too long or too much memory, because a
 * parser cannot be stopped from outside. The thread starts with the first file that needs it.
 */
export class DocumentReader implements AsyncDisposable {
  readonly #maxFileMs: number;
  #worker: Worker | undefined;

  /** @param maxFileMs - Maximum time for one file, in milliseconds. */
  constructor(maxFileMs: number) {
    this.#maxFileMs = maxFileMs;
  }

  /**
   * Reads one file. Must not be called again before the promise settles; rejects only with the signal's reason.
   *
   * @param size - Size of the file when it was found, in bytes.
   */
  async read(request: ReadRequest, size: number, signal?: AbortSignal): Promise<ReadResult> {
    const { kind, limits } = request;
    const isSmallText = size > 0 && size <= smallFile && (kind === "markdown" || kind === "text");
    return isSmallText || size > limits.maxFileBytes
      ? readDocument(request)
      : this.#readInThread(request, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async #readInThread(request: ReadRequest, signal?: AbortSignal): Promise<ReadResult> {
    const worker = (this.#worker ??= await startWorker());
    signal?.throwIfAborted();
    const memoryBefore = process.memoryUsage.rss();
    const { promise, resolve, reject } = Promise.withResolvers<ReadResult>();
    const end = (reason: string) => {
      void this[Symbol.asyncDispose]();
      resolve({ reason });
    };
    let timer: NodeJS.Timeout | undefined;
    const onMessage = (message: Exclude<ThreadMessage, "ready">) => {
      if (message !== "begun") return resolve(message);
      timer = setTimeout(
        () => end(`too complex: it takes more than maxFileMs (${this.#maxFileMs} ms) to read`),
        this.#maxFileMs,
      );
    };
    const onError = (error: Error & { code?: string }) =>
      end(
        error.code === "ERR_WORKER_OUT_OF_MEMORY" ? tooMuchMemory : `unreadable: ${error.message}`,
      );
    const onAbort = () => {
      void this[Symbol.asyncDispose]();
      reject(signal?.reason);
    };
    const memoryTimer = setInterval(() => {
      // Buffers of parsers are outside the heap, and have no limit.
      if (process.memoryUsage.rss() - memoryBefore > maxMemoryMb * 2 ** 20) end(tooMuchMemory);
    }, checkMemoryEveryMs);
    worker.on("message", onMessage).on("error", onError);
    signal?.addEventListener("abort", onAbort, { once: true });
    worker.postMessage(request);
    return promise.finally(() => {
      clearTimeout(timer);
      clearInterval(memoryTimer);
      worker.off("message", onMessage).off("error", onError);
      signal?.removeEventListener("abort", onAbort);
    });
  }
}

async function startWorker(): Promise<Worker> {
  // In the repository Node runs TypeScript; the package contains JavaScript.
  const file = import.meta.url.endsWith(".ts") ? "./read-worker.ts" : "./read-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), {
    name: "orchestra-documents",
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb / 2 },
    // Warnings of parsers are about documents; users of a terminal cannot act on them.
    stdout: true,
    stderr: true,
  });
  await once(worker, "message");
  // An error after its file was abandoned has already been reported as that file's.
  return worker.on("error", () => {});
}
