import { constants } from "node:os";

type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

const words: { readonly [K in StopSignal]: string } = {
  SIGINT: "Stopped by Ctrl-C",
  SIGTERM: "Stopped by SIGTERM",
  SIGHUP: "Stopped: the terminal was closed",
};

const stopSignals = Object.keys(words) as StopSignal[];

/** Why a command stops: the reason of its abort signal. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "aborted";
  readonly signal: StopSignal;
  /** As shells count: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(words[signal]);
    this.signal = signal;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Resolves when a command has to stop. */
export function interruptionOf(signal: AbortSignal): Promise<InterruptedError> {
  const { promise, resolve } = Promise.withResolvers<InterruptedError>();
  const onAbort = () => resolve(signal.reason as InterruptedError);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** A terminal sends Ctrl-C to every process of the group, and npx and pnpm forward theirs as well. */
const echoMs = 300;

/** A command that has not ended this long after the first signal is ended, also in the middle of a wait. */
const maxEndMs = 3000;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort; the second ends the process at once. Until
 * {@link Interruption.signal} is read, there is nothing to clean up, and the first ends the process as well:
 * a handler could not be called while modules load.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  #firstAt = 0;
  #isListening = false;
  #isDraining = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    // The first process of a container is not ended by a signal that it has no handler for.
    if (process.pid === 1) this.#listen();
    // Without a listener, a closed pipe is a crash, with runs in progress.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error) => this.#onUnwritable(error, stream));
    }
  }

  get signal(): AbortSignal {
    this.#listen();
    return this.#controller.signal;
  }

  /** The same, for a command that has a grace time of its own: it may take longer to end. */
  get drainSignal(): AbortSignal {
    this.#isDraining = true;
    return this.signal;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    for (const signal of stopSignals) this.#process.on(signal, this.#interrupt);
  }

  readonly #interrupt = (signal: StopSignal): void => {
    const now = performance.now();
    const reason = new InterruptedError(signal);
    if (!this.#controller.signal.aborted) {
      this.#firstAt = now;
      this.#controller.abort(reason);
      if (!this.#isDraining) setTimeout(() => this.#endLate(reason), maxEndMs).unref();
    } else if (now - this.#firstAt > echoMs) {
      this.#process.exit(reason.exitCode);
    }
  };

  /** The abort did not end all work in progress, such as a request that gets no answer. */
  #endLate({ message, exitCode }: InterruptedError): void {
    this.#process.stderr.write(`${message}\n`);
    this.#process.exit(exitCode);
  }

  /**
   * A pipe or a terminal that is closed has no reader. Anything else, such as a full disk, has lost a part of
   * the answer.
   */
  #onUnwritable({ code, message }: NodeJS.ErrnoException, { isTTY }: NodeJS.WriteStream): void {
    if (code === "EPIPE" || (code === "EIO" && isTTY)) return;
    // Standard error itself may be what cannot be written.
    this.#process.stderr.removeAllListeners("error").on("error", () => undefined);
    this.#process.stderr.write(`The output cannot be written: ${message}.\n`);
    this.#process.exit(1);
  }

  [Symbol.dispose](): void {
    for (const signal of stopSignals) this.#process.off(signal, this.#interrupt);
  }
}
