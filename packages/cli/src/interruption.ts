import { constants } from "node:os";

type StopSignal = "SIGINT" | "SIGTERM";

/** Why a command was told to stop; the reason of the signal that says so. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "aborted";
  readonly signal: StopSignal;
  /** As shells count: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: StopSignal) {
    super(`Stopped by ${signal === "SIGINT" ? "Ctrl-C" : signal}`);
    this.signal = signal;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Resolves when a command is told to stop. */
export function interruptionOf(signal: AbortSignal): Promise<InterruptedError> {
  const { promise, resolve } = Promise.withResolvers<InterruptedError>();
  const onAbort = () => resolve(signal.reason as InterruptedError);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return promise;
}

/** A terminal sends Ctrl-C to every process of the group, and npx and pnpm pass theirs on as well. */
const echoMs = 300;

/**
 * Turns the first SIGINT or SIGTERM into an abort; the second ends the process at once. Until somebody asks
 * for {@link Interruption.signal}, nothing has to be put in order, and the first ends the process as well:
 * a handler could not be called while modules load.
 */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  #firstAt = 0;
  #isListening = false;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    // The first process of a container is not ended by a signal that it has no handler for.
    if (process.pid === 1) this.#listen();
    // Without a listener, a closed pipe is a crash, with runs under way.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", this.#endUnwritable);
  }

  get signal(): AbortSignal {
    this.#listen();
    return this.#controller.signal;
  }

  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    this.#process.on("SIGINT", this.#interrupt).on("SIGTERM", this.#interrupt);
  }

  readonly #interrupt = (signal: StopSignal): void => {
    const now = performance.now();
    const reason = new InterruptedError(signal);
    if (!this.#controller.signal.aborted) {
      this.#firstAt = now;
      this.#controller.abort(reason);
    } else if (now - this.#firstAt > echoMs) {
      this.#process.exit(reason.exitCode);
    }
  };

  /** Nobody reads a pipe that is closed. Anything else, such as a full disk, has lost a part of the answer. */
  readonly #endUnwritable = ({ code, message }: NodeJS.ErrnoException): void => {
    if (code === "EPIPE") return;
    // Where this is what cannot be written, nobody can be told.
    this.#process.stderr.off("error", this.#endUnwritable).on("error", () => undefined);
    this.#process.stderr.write(`The output cannot be written: ${message}.\n`);
    this.#process.exit(1);
  };

  [Symbol.dispose](): void {
    this.#process.off("SIGINT", this.#interrupt).off("SIGTERM", this.#interrupt);
  }
}
