import type { IncomingMessage } from "node:http";
import { unauthenticatedClient, type Client } from "./client.ts";

/** The clients of the requests in progress. */
export class Clients {
  readonly #clients = new WeakMap<IncomingMessage, Client>();

  of(incoming: IncomingMessage): Client {
    return this.#clients.get(incoming) ?? unauthenticatedClient;
  }

  set(incoming: IncomingMessage, client: Client): void {
    this.#clients.set(incoming, client);
  }
}
