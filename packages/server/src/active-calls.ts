import type { ServerResponse } from "node:http";
import { ApiError } from "./errors/api-error.ts";

/** A request in progress. */
interface Call {
  readonly controller: AbortController;
  outgoing: ServerResponse | undefined;
}

/** The requests in progress: which of them wait for models, and which follow a run. */
export class ActiveCalls {
  readonly #calls = new Set<Call>();
  readonly #followers = new Set<Call>();
  #onIdle: (() => void) | undefined;
  #isDraining = false;
  /** Number of requests, of every kind, that came before the server began to stop and are not answered yet. */
  #unanswered = 0;

  /** Counts a request, so that {@link idle} waits for its answer. Requests that come during the stop are not counted. */
  track(outgoing: ServerResponse): void {
    if (this.#isDraining) return;
    this.#unanswered += 1;
    outgoing.once("close", () => {
      this.#unanswered -= 1;
      if (this.#unanswered === 0) this.#onIdle?.();
    });
  }

  /** @returns a signal that aborts when the client leaves, or at the end of the server's grace time */
  begin(outgoing: ServerResponse): AbortSignal {
    return this.#add(outgoing, this.#calls);
  }

  /**
   * For a client that follows a run, and can continue at another server.
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

/** The error for requests while the server stops. */
export function serverStops(): ApiError {
  return new ApiError("The server is stopping. Send the request again.", {
    status: 503,
    type: "server_error",
    code: "server_stops",
    headers: { "retry-after": "1", connection: "close" },
  });
}
