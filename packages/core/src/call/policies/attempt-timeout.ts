import type { Clock } from "../../clock/index.ts";
import type { ProgressListener } from "../../completions/index.ts";
import { ModelError } from "../../errors/index.ts";
import type { Policy } from "../chain.ts";
import { nameOf, type NamedTimeouts } from "../timeouts.ts";

/**
 * Limits the time of one attempt, until its first token, and between two pieces of its answer
 * (`LLM_REQUEST_TIMEOUT`, `LLM_FIRST_TOKEN_TIMEOUT`, `LLM_STALL_TIMEOUT`); and of a stream, the time in
 * which it is not read (`LLM_READER_TIMEOUT`).
 */
export const attemptTimeout: Policy = (next, call) => {
  const { timeouts, isStream, streamUpstream = true, services } = call;
  const { attemptMs, firstTokenMs, stallMs, readerMs, names } = timeouts;
  return async (attempt) => {
    const { route, signal } = attempt;
    // An answer that is not streamed makes no progress before it arrives.
    const isWatched = isStream || (streamUpstream && route.streamUpstream);
    const timer = new AttemptTimer({
      clock: services.clock,
      signal,
      model: route.model,
      attemptMs,
      readerMs,
      names,
      ...(isWatched ? { firstTokenMs, stallMs } : {}),
    });
    try {
      const answer = await next({ ...attempt, signal: timer.signal, progress: timer });
      if (answer.kind === "stream") answer.onEnd(() => timer.stop());
      else timer.stop();
      return answer;
    } catch (error) {
      timer.stop();
      throw error;
    }
  };
};

interface AttemptTimerOptions {
  readonly clock: Clock;
  /** The call's signal, or that of a race. Its abort aborts the attempt. */
  readonly signal: AbortSignal;
  /** Named in the error. */
  readonly model: string;
  /** Longest time for the whole attempt, in milliseconds. */
  readonly attemptMs: number;
  /** Longest time until the first sign of progress, in milliseconds. @defaultValue no limit */
  readonly firstTokenMs?: number | undefined;
  /** Longest time between two signs of progress, in milliseconds. @defaultValue no limit */
  readonly stallMs?: number | undefined;
  /** Longest time in which the reader of a stream does not read, in milliseconds. @defaultValue no limit */
  readonly readerMs?: number | undefined;
  /** The name of the limits in errors, if they are not set by variables. */
  readonly names?: NamedTimeouts["names"];
}

/**
 * The time limits of one attempt. When one is over, {@link signal} aborts with a `timeout_error`.
 *
 * The time in which the reader of a stream does not read is not counted here; it has its own limit.
 */
class AttemptTimer implements ProgressListener {
  readonly #options: AttemptTimerOptions;
  readonly #stop = new AbortController();
  readonly signal: AbortSignal = this.#stop.signal;
  /** Later by the time in which the reader did not read, like {@link #progressAt}. */
  #startedAt: number;
  /** The time of the last progress. */
  #progressAt: number | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Whether the timer is set to the limit of the reader. */
  #isForReader = false;
  /** Whether the answer is an open stream. Its timer does not keep the process alive: during a read, the socket does. */
  #isOpen = false;
  #pausedAt: number | undefined;

  constructor(options: AttemptTimerOptions) {
    const { clock, signal } = options;
    this.#options = options;
    this.#startedAt = clock.now();
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort, { once: true });
    this.#check();
  }

  /** Only moves the limit, which is read when the timer fires. */
  progress(): void {
    this.#progressAt = this.#options.clock.now();
  }

  pause(): void {
    this.#pausedAt ??= this.#options.clock.now();
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#cancelTimer?.();
    this.#check();
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    const pausedMs = this.#options.clock.now() - this.#pausedAt;
    this.#startedAt += pausedMs;
    if (this.#progressAt !== undefined) this.#progressAt += pausedMs;
    this.#pausedAt = undefined;
    if (!this.#isForReader) return;
    this.#cancelTimer?.();
    this.#check();
  }

  /** The attempt has ended. */
  stop(): void {
    this.#cancelTimer?.();
    this.#options.signal.removeEventListener("abort", this.#abort);
  }

  /** Ends the attempt if the first limit is over, or else sets the timer to it. */
  readonly #check = (): void => {
    this.#cancelTimer = undefined;
    if (this.signal.aborted) return;
    this.#isForReader = this.#pausedAt !== undefined;
    if (this.#isForReader) return this.#checkReader();
    const { clock, attemptMs, firstTokenMs = Infinity, stallMs = Infinity } = this.#options;
    const { readerMs = Infinity } = this.#options;
    const [startedAt, progressAt] = [this.#startedAt, this.#progressAt];
    const endsAt = startedAt + attemptMs;
    const silentAt = progressAt === undefined ? startedAt + firstTokenMs : progressAt + stallMs;
    const leftMs = Math.min(endsAt, silentAt) - clock.now();
    // Progress and pauses can begin at any time, and none of their limits ends before this time has passed.
    const nextMs = Math.min(leftMs, stallMs, readerMs);
    if (leftMs > 0) this.#cancelTimer = clock.after(nextMs, this.#check, this.#isOpen);
    else this.#expire(endsAt <= silentAt, progressAt === undefined);
  };

  #checkReader(): void {
    const { clock, model, readerMs = Infinity, names } = this.#options;
    const leftMs = (this.#pausedAt ?? 0) + readerMs - clock.now();
    if (leftMs === Infinity) return;
    if (leftMs > 0) this.#cancelTimer = clock.after(leftMs, this.#check, true);
    else this.#stop.abort(unread(model, readerMs, nameOf("readerMs", names)));
  }

  #expire(isWhole: boolean, isFirst: boolean): void {
    const { model, attemptMs, firstTokenMs = 0, stallMs = 0, names } = this.#options;
    const silence = isFirst
      ? ([`gave no token within ${firstTokenMs / 1000} s`, "firstTokenMs"] as const)
      : ([`stalled for ${stallMs / 1000} s`, "stallMs"] as const);
    const [what, limit] = isWhole
      ? ([`gave no answer within ${attemptMs / 1000} s`, "attemptMs"] as const)
      : silence;
    const setting = nameOf(limit, names);
    const details = { kind: "timeout_error", reason: "no_response", model, setting } as const;
    this.#stop.abort(new ModelError(`${model} ${what}`, details));
  }

  readonly #abort = (): void => this.#stop.abort(this.#options.signal.reason);
}

function unread(model: string, readerMs: number, setting: string): ModelError {
  return new ModelError(
    `The stream was closed: it was not read for ${readerMs / 1000} s (${setting}). Read streams to their ends, or leave them with return().`,
    { kind: "aborted", model },
  );
}
