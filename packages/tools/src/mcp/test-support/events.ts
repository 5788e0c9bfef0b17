import type { McpEvent } from "../index.ts";

/** Collects events, and resolves when one of a type has arrived. */
export class Events {
  readonly all: McpEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly onEvent = (event: McpEvent): void => {
    this.all.push(event);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  };

  /** The nth event of a type, from 1. */
  async next<T extends McpEvent["type"]>(
    type: T,
    nth = 1,
  ): Promise<Extract<McpEvent, { readonly type: T }>> {
    for (;;) {
      const found = this.all.filter((event) => event.type === type)[nth - 1];
      if (found) return found as Extract<McpEvent, { readonly type: T }>;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }
}
