import { EventEmitter } from "node:events";
import type { Pool } from "pg";
import { quoted } from "./quoted.ts";
import type { NotificationListener } from "./pooled-database.ts";

/** Listens on the pool's one connection, where there can be no other. */
export class OnlyConnection implements NotificationListener {
  readonly #pool: Pool;
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  constructor(pool: Pool) {
    this.#pool = pool;
    pool.on("connect", (client) => {
      client.on("notification", ({ channel, payload = "" }) => {
        this.#emitter.emit(channel, payload);
      });
    });
  }

  readonly listen: NotificationListener["listen"] = (channel, onNotification) => {
    this.#emitter.on(channel, onNotification);
    const begun = this.#pool.query(`LISTEN ${quoted(channel)}`).then(() => undefined);
    begun.catch(() => undefined);
    return {
      begun,
      [Symbol.asyncDispose]: async () => void this.#emitter.off(channel, onNotification),
    };
  };

  readonly close = async (): Promise<void> => {
    this.#emitter.removeAllListeners();
  };
}
