import { AsyncLocalStorage } from "node:async_hooks";
import { ROOT_CONTEXT, type Context } from "@opentelemetry/api";

interface TracedRequest {
  readonly context: Context;
  isOver: boolean;
}

/** Knows the request that the code now running belongs to. */
export class ActiveRequest {
  readonly #requests = new AsyncLocalStorage<TracedRequest>();

  /** The context of the request; that of none after its end. */
  get context(): Context {
    const request = this.#requests.getStore();
    // What was started by a request can outlive it, such as the connection of a pool.
    return !request || request.isOver ? ROOT_CONTEXT : request.context;
  }

  /** @returns the work's result, and what says that the request is over */
  run<Result>(context: Context, work: (end: () => void) => Result): Result {
    const request = { context, isOver: false };
    return this.#requests.run(request, work, () => (request.isOver = true));
  }
}
