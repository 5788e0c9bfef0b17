import type { ServerResponse } from "node:http";
import { ApiError } from "./errors/api-error.ts";

/** The requests under way that wait for models. */
export class ActiveCalls {
  readonly #calls = new Set<AbortController>();
  #onIdle: (() => void) | undefined;

  /** @returns a signal that aborts when the client leaves, or when the time of the server is over */
  begin(outgoing: ServerResponse): AbortSignal {
    const controller = new AbortController();
    this.#calls.add(controller);
    outgoing.once("close", () => {
      this.#calls.delete(controller);
      if (!outgoing.writableFinished) controller.abort(clientLeft());
      if (this.#calls.size === 0) this.#onIdle?.();
    });
    return controller.signal;
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    if (this.#calls.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onIdle = resolve;
    await promise;
  }

  /** Ends all. */
  abort(): void {
    for (const controller of this.#calls) controller.abort(serverStops());
  }
}

function clientLeft(): ApiError {
  return new ApiError("The client has left.", {
    status: 499,
    type: "aborted",
    code: "client_left",
  });
}

/** What requests get while the server stops. */
export function serverStops(): ApiError {
  return new ApiError("The server stops. Send the request again.", {
    status: 503,
    type: "server_error",
    code: "server_stops",
    headers: { "retry-after": "1", connection: "close" },
  });
}
