import { AsyncLocalStorage } from "node:async_hooks";
import { ROOT_CONTEXT, type Context } from "@opentelemetry/api";

interface TracedRequest {
  readonly context: Context;
  isOver: boolean;
}

/** Tracks the request that the current code belongs to. */
export class ActiveRequest {
  readonly #requests = new AsyncLocalStorage<TracedRequest>();

  /** The context of the request; after its end, that of none. */
  get context(): Context {
    const request = this.#requests.getStore();
    // Work that a request has started can outlive it, such as the connection of a pool.
    return !request || request.isOver ? ROOT_CONTEXT : request.context;
  }

  /** @returns the work's result, and a function that ends the request */
  run<Result>(context: Context, work: (end: () => void) => Result): Result {
    const request = { context, isOver: false };
    return this.#requests.run(request, work, () => (request.isOver = true));
  }
}
