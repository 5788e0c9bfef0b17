import { StreamInterruptedError, type CompletionChunk, type Orchestra } from "@orchestra/core";
import type { CallOutcome } from "./call-outcome.ts";
import type { History } from "./history.ts";
import type { PlannedCall } from "./scenario/callers.ts";
import type { ClockView } from "./virtual-clock.ts";

export interface CallerOptions {
  readonly orchestra: Orchestra;
  readonly clock: ClockView;
  readonly history: History;
}

/** Makes one planned call, and records how it ended. */
export class Caller {
  readonly outcome: CallOutcome;
  readonly controller = new AbortController();
  readonly #options: CallerOptions;

  constructor(call: PlannedCall, options: CallerOptions) {
    this.#options = options;
    const abortReason = new Error(`The caller of call ${call.number} aborts it`);
    this.outcome = {
      call,
      ends: 0,
      text: "",
      abortReason,
      isWaiting: false,
      pausedMs: 0,
      events: [],
    };
  }

  async run(): Promise<void> {
    const { clock, history } = this.#options;
    const { call } = this.outcome;
    await clock.sleep(call.startsAfterMs);
    this.outcome.startedAt = clock.now();
    history.write(
      () => `call ${call.number} starts: ${call.kind} ${call.role} ${call.prompt} ${call.runId}`,
    );
    const cancel =
      call.abortsAfterMs === undefined ? undefined : clock.after(call.abortsAfterMs, this.#abort);
    try {
      await (call.kind === "stream" ? this.#readStream() : this.#waitForAnswer());
    } catch (error) {
      this.#fail(error);
    } finally {
      cancel?.();
    }
  }

  readonly #abort = (): void => {
    const { outcome } = this;
    const { clock, history } = this.#options;
    outcome.abortedAt = clock.now();
    outcome.wasWaitingAtAbort = outcome.isWaiting;
    history.write(() => `call ${outcome.call.number}: the caller aborts`);
    this.controller.abort(outcome.abortReason);
    outcome.abortOrder = history.nextOrder();
  };

  async #waitForAnswer(): Promise<void> {
    const { call } = this.outcome;
    const text = await this.#wait(call.kind === "invoke" ? this.#invoke() : this.#complete());
    this.outcome.text = text;
    this.#end("answered");
  }

  async #complete(): Promise<string> {
    const { orchestra } = this.#options;
    const { call } = this.outcome;
    const streamUpstream = call.kind === "upstream";
    const options = { ...this.#callOptions, streamUpstream };
    const { choices } = await orchestra.completions.create(requestOf(call), options);
    return textOf(choices[0]?.message.content);
  }

  async #invoke(): Promise<string> {
    const { orchestra } = this.#options;
    const { role, runId, prompt } = this.outcome.call;
    const message = await orchestra.modelFor(role).invoke(prompt, {
      ...this.#signal,
      configurable: { run_id: runId, on_event: this.#onEvent },
    });
    return textOf(message.content);
  }

  async #readStream(): Promise<void> {
    const { orchestra, clock } = this.#options;
    const { outcome } = this;
    const { call } = outcome;
    const request = { ...requestOf(call), stream: true } as const;
    const stream = await this.#wait(orchestra.completions.create(request, this.#callOptions));
    const chunks = stream[Symbol.asyncIterator]();
    for (let read = 0; ; read += 1) {
      if (read === call.leavesAfter) {
        await chunks.return?.();
        return this.#end("left");
      }
      if (call.pauseMs > 0) {
        await clock.sleep(call.pauseMs);
        outcome.pausedMs += call.pauseMs;
      }
      const { done, value } = await this.#wait(chunks.next());
      if (done) return this.#end("answered");
      this.#take(value);
    }
  }

  #take(chunk: CompletionChunk): void {
    if ("restart" in chunk) this.outcome.text = "";
    else this.outcome.text += textOf(chunk.choices[0]?.delta.content);
  }

  /** Records that the caller now waits for Orchestra. */
  async #wait<T>(work: Promise<T>): Promise<T> {
    this.outcome.isWaiting = true;
    try {
      return await work;
    } finally {
      this.outcome.isWaiting = false;
    }
  }

  #fail(error: unknown): void {
    this.outcome.error = error;
    if (error === this.outcome.abortReason) this.#end("aborted");
    else this.#end(StreamInterruptedError.isInstance(error) ? "interrupted" : "failed");
  }

  #end(kind: NonNullable<CallOutcome["kind"]>): void {
    const { outcome } = this;
    const { clock, history } = this.#options;
    outcome.ends += 1;
    outcome.kind = kind;
    outcome.endedAt = clock.now();
    history.write(() => `call ${outcome.call.number} ${kind}${describe(outcome.error)}`);
  }

  get #signal(): { readonly signal?: AbortSignal } {
    // Some callers pass no signal at all.
    const { call } = this.outcome;
    const hasSignal = call.abortsAfterMs !== undefined || call.number % 2 === 0;
    return hasSignal ? { signal: this.controller.signal } : {};
  }

  get #callOptions() {
    const { role, runId } = this.outcome.call;
    return { agentType: role, runId, onEvent: this.#onEvent, ...this.#signal };
  }

  readonly #onEvent = (event: CallOutcome["events"][number]["event"]): void => {
    this.outcome.events.push({ at: this.#options.clock.now(), event });
  };
}

function requestOf({ prompt, maxTokens }: PlannedCall) {
  const messages = [{ role: "user" as const, content: prompt }];
  return { messages, max_tokens: maxTokens };
}

function textOf(content: unknown): string {
  return typeof content === "string" ? content : "";
}

function describe(error: unknown): string {
  return error instanceof Error ? `: ${error.name}: ${error.message.split("\n").join(" | ")}` : "";
}
