import { EventEmitter } from "node:events";
import type { Query } from "./database.ts";
import type { Notices } from "./pooled-database.ts";

/** Notifications of a database that only this process uses. */
export class LocalNotices implements Notices {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #said = new Map<Query, { readonly channel: string; readonly payload: string }[]>();

  readonly say: Notices["say"] = async (query, channel, payload) => {
    const said = this.#said.get(query) ?? [];
    this.#said.set(query, [...said, { channel, payload }]);
  };

  readonly ended: Notices["ended"] = (query, hasCommitted) => {
    const said = this.#said.get(query) ?? [];
    this.#said.delete(query);
    if (!hasCommitted) return;
    for (const { channel, payload } of said) this.#emitter.emit(channel, payload);
  };

  readonly listen: Notices["listen"] = async (channel, onNotification) => {
    this.#emitter.on(channel, onNotification);
    return {
      [Symbol.asyncDispose]: async () => void this.#emitter.off(channel, onNotification),
    };
  };

  readonly close = async (): Promise<void> => {
    this.#emitter.removeAllListeners();
  };
}
