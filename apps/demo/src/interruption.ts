import { constants } from "node:os";

type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";
type Cause = StopSignal | "SIGPIPE";

const words: { readonly [K in Cause]: string } = {
  SIGINT: "Stopped by Ctrl-C",
  SIGTERM: "Stopped by SIGTERM",
  SIGHUP: "Stopped: the terminal was closed",
  SIGPIPE: "Stopped: no one reads the output any more",
};

/** Why a run was stopped: the reason of the abort signal. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "aborted";
  /** As in shells: 128 plus the number of the signal. */
  readonly exitCode: number;

  constructor(cause: Cause) {
    super(words[cause]);
    this.exitCode = 128 + constants.signals[cause];
  }
}

const stopSignals: readonly StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * A second signal within this time is taken for a copy of the first: a terminal sends Ctrl-C to all processes of the
 * group, and npx and pnpm forward it again.
 */
const echoMs = 300;

/**
 * After this time the process exits, even if work has not stopped. It is longer than the time that work and its costs
 * get in answer.ts, because the report is printed after them.
 */
const graceMs = 3_000;

/**
 * Turns SIGINT, SIGTERM, a closed terminal and a closed output pipe (`| head`) into an abort; a second
 * signal ends the process at once.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  #firstAt: number | undefined;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    for (const signal of stopSignals) process.on(signal, this.#interrupt);
    // These listeners are never removed: without one, a pipe that closes at the end would crash the process.
    for (const stream of [process.stdout, process.stderr]) {
      stream.on("error", (error) => this.#onUnwritable(error, stream));
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #interrupt = (cause: Cause): void => {
    const now = performance.now();
    const reason = new InterruptedError(cause);
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#controller.abort(reason);
      setTimeout(() => this.#process.exit(reason.exitCode), graceMs).unref();
    } else if (now - this.#firstAt > echoMs) {
      this.#process.exit(reason.exitCode);
    }
  };

  /** The reader has closed the pipe, or a write has failed, for example because the disk is full. */
  #onUnwritable({ code, message }: NodeJS.ErrnoException, { isTTY }: NodeJS.WriteStream): void {
    if (code === "EPIPE" || (code === "EIO" && isTTY)) {
      if (!this.signal.aborted) this.#interrupt("SIGPIPE");
      return;
    }
    // The stream that cannot be written can be standard error.
    this.#process.stderr.removeAllListeners("error").on("error", () => undefined);
    this.#process.stderr.write(`The output cannot be written: ${message}.\n`);
    this.#process.exit(1);
  }

  [Symbol.dispose](): void {
    for (const signal of stopSignals) this.#process.off(signal, this.#interrupt);
  }
}
