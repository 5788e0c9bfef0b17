import type { ServerResponse } from "node:http";
import { ApiError } from "./errors/api-error.ts";

/** A request in progress. */
interface Call {
  readonly controller: AbortController;
  outgoing: ServerResponse | undefined;
}

/** The requests in progress, and those of them that wait for models or follow what happens. */
export class ActiveCalls {
  readonly #calls = new Set<Call>();
  readonly #followers = new Set<Call>();
  #onIdle: (() => void) | undefined;
  #isDraining = false;
  /** Requests of every kind that came before the server began to stop, and are not answered. */
  #unanswered = 0;

  /** For each request, as it comes: a server that stops waits for its answer. */
  track(outgoing: ServerResponse): void {
    if (this.#isDraining) return;
    this.#unanswered += 1;
    outgoing.once("close", () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#onIdle?.();
    });
  }

  /** @returns a signal that aborts when the client leaves, or when the time of the server is over */
  begin(outgoing: ServerResponse): AbortSignal {
    return this.#add(outgoing, this.#calls);
  }

  /**
   * For a client that follows a run or another call, and can continue at another server.
   *
   * @returns a signal that aborts when the client leaves, or as soon as the server stops
   */
  follow(outgoing: ServerResponse): AbortSignal {
    const signal = this.#add(outgoing, this.#followers);
    // The request may have come before the server began to stop.
    if (this.#isDraining) this.#endFollowers();
    return signal;
  }

  /** Requests that wait for models. */
  get size(): number {
    return this.#calls.size;
  }

  /** Ends the requests that only follow. Clients of the others make new connections after their answers. */
  drain(): void {
    this.#isDraining = true;
    this.#endFollowers();
    for (const { outgoing } of this.#calls) {
      if (outgoing?.headersSent === false) outgoing.setHeader("connection", "close");
    }
  }

  /** Resolves when all of them are answered. */
  async idle(): Promise<void> {
    if (this.#unanswered === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    await promise;
  }

  /** Aborts all. */
  abort(): void {
    for (const { controller } of this.#calls) controller.abort(serverStops());
  }

  #endFollowers(): void {
    for (const { controller } of this.#followers) controller.abort(serverStops());
  }

  #add(outgoing: ServerResponse, to: Set<Call>): AbortSignal {
    const controller = new AbortController();
    if (outgoing.destroyed) {
      controller.abort(clientLeft());
      return controller.signal;
    }
    const call: Call = { controller, outgoing };
    to.add(call);
    outgoing.once("close", () => {
      to.delete(call);
      // V8 keeps deleted entries of a replaced table until the table itself is collected, which takes long.
      call.outgoing = undefined;
      if (!outgoing.writableFinished) controller.abort(clientLeft());
    });
    return controller.signal;
  }
}

function clientLeft(): ApiError {
  return new ApiError("The client has left.", {
    status: 499,
    type: "aborted",
    code: "client_left",
  });
}

/** The answer to requests while the server stops. */
export function serverStops(): ApiError {
  return new ApiError("The server stops. Send the request again.", {
    status: 503,
    type: "server_error",
    code: "server_stops",
    headers: { "retry-after": "1", connection: "close" },
  });
}
