import { constants } from "node:os";

type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

const words: { readonly [K in StopSignal]: string } = {
  SIGINT: "Stopped by Ctrl-C",
  SIGTERM: "Stopped by SIGTERM",
  SIGHUP: "Stopped: the terminal was closed",
};

const stopSignals = Object.keys(words) as StopSignal[];

/** The reason of a command's abort signal after SIGINT, SIGTERM or SIGHUP. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "aborted";
  readonly signal: StopSignal;
  /** As in shells: 128 plus the number of the signal. */
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(words[signal]);
    this.signal = signal;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Resolves when the signal aborts, with its reason. */
export function interruptionOf(signal: AbortSignal): Promise<InterruptedError> {
  const { promise, resolve } = Promise.withResolvers<InterruptedError>();
  const onAbort = () => resolve(signal.reason as InterruptedError);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** A second signal within this time is taken for the same Ctrl-C: npx and pnpm forward it to this process again. */
const echoMs = 300;

/** The process exits this long after the first signal, even if the command still waits for something. */
const maxEndMs = 3000;

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort; the second ends the process at once. Until
 * {@link Interruption.signal} is read, there is nothing to clean up, so the first signal ends the process too.
 * A handler would not be called while modules load.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  #firstAt = 0;
  #isListening = false;
  #isDraining = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    // Linux ignores signals to process 1 of a container, except those that it has a handler for.
    if (process.pid === 1) this.#listen();
    // Without a listener, a closed pipe would crash the process, with runs in progress.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error) => this.#onUnwritable(error, stream));
    }
  }

  get signal(): AbortSignal {
    this.#listen();
    return this.#controller.signal;
  }

  /** The same signal, without the limit of three seconds: for a command that has its own grace time. */
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

  /** Exits if the abort did not end all work in progress, such as a request that ignores it. */
  #endLate({ message, exitCode }: InterruptedError): void {
    this.#process.stderr.write(`${message}\n`);
    this.#process.exit(exitCode);
  }

  /** Ignores a closed pipe or terminal. After any other error, such as a full disk, exits with code 1. */
  #onUnwritable({ code, message }: NodeJS.ErrnoException, { isTTY }: NodeJS.WriteStream): void {
    if (code === "EPIPE" || (code === "EIO" && isTTY)) return;
    // The stream that cannot be written can be standard error.
    this.#process.stderr.removeAllListeners("error").on("error", () => undefined);
    this.#process.stderr.write(`The output cannot be written: ${message}.\n`);
    this.#process.exit(1);
  }

  [Symbol.dispose](): void {
    for (const signal of stopSignals) this.#process.off(signal, this.#interrupt);
  }
}
