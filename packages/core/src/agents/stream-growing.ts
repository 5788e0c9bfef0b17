import type { RunnableConfig } from "@langchain/core/runnables";
import { ModelError } from "../errors/index.ts";
import { readConfigurable } from "../gateway/call-options.ts";
import type { OrchestraEvent } from "../usage/index.ts";

interface AnsweringRole {
  readonly name: string;
  readonly answer?: unknown;
}

/**
 * The unfinished answers of an agent with tools, from the events of its calls: the object or the text so
 * far. Each one replaces the one before it, because a call may be retried, and the text of a turn that ends
 * in a tool call is not the answer. The last one is the answer.
 *
 * @param role - The role of the calls, and whether it answers with an object.
 * @param work - Computes the answer, with a config whose events are followed. It is aborted when the reader leaves.
 */
export async function* streamGrowing(
  role: AnsweringRole,
  config: RunnableConfig,
  work: (config: RunnableConfig) => Promise<unknown>,
): AsyncGenerator {
  const { on_event: onEvent } = readConfigurable(config);
  const stop = new AbortController();
  const signal = config.signal ? AbortSignal.any([config.signal, stop.signal]) : stop.signal;
  const growth = new Growth(role);
  const on_event = (event: OrchestraEvent) => {
    growth.onEvent(event);
    return onEvent?.(event);
  };
  const configurable = { ...config.configurable, on_event };
  const answer = work({ ...config, signal, configurable }).finally(() => growth.end());
  // It is awaited below, unless the reader leaves earlier.
  answer.catch(() => undefined);
  try {
    while (await growth.next()) yield growth.take();
    const whole = await answer;
    if (!process.getBuiltinModule("node:util").isDeepStrictEqual(whole, growth.last)) yield whole;
  } finally {
    stop.abort(new ModelError("The reader left the stream", { kind: "aborted" }));
    await answer.catch(() => undefined);
  }
}

/** The answer so far, from the events of the calls. */
class Growth {
  readonly #role: AnsweringRole;
  /** Agents of the same role that a tool runs. */
  #inner = 0;
  /** The attempt that the text belongs to. */
  #attempt = "";
  #answer: unknown;
  #hasGrown = false;
  #isOver = false;
  #changed = Promise.withResolvers<void>();
  /** The answer that was returned last. */
  last: unknown;

  constructor(role: AnsweringRole) {
    this.#role = role;
  }

  onEvent(event: OrchestraEvent): void {
    if (!("role" in event) || event.role !== this.#role.name) return;
    if (event.type === "agent-start") this.#inner += 1;
    else if (event.type === "agent-end") this.#inner -= 1;
    else if (this.#inner === 0) this.#grow(event);
  }

  #grow(event: OrchestraEvent): void {
    const isObject = this.#role.answer !== undefined;
    if (isObject && event.type === "object-delta") this.#answer = event.partial;
    else if (!isObject && event.type === "text-delta") {
      const attempt = `${event.callId} ${event.attempt}`;
      const before = attempt === this.#attempt ? String(this.#answer) : "";
      this.#attempt = attempt;
      this.#answer = before + event.text;
    } else return;
    this.#hasGrown = true;
    this.#changed.resolve();
  }

  /** There are no further answers. */
  end(): void {
    this.#isOver = true;
    this.#changed.resolve();
  }

  /** @returns whether there is a new answer; `false` at the end */
  async next(): Promise<boolean> {
    while (!this.#hasGrown && !this.#isOver) {
      this.#changed = Promise.withResolvers();
      await this.#changed.promise;
    }
    return this.#hasGrown;
  }

  take(): unknown {
    this.#hasGrown = false;
    this.last = this.#answer;
    return this.last;
  }
}
