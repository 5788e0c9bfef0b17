/** Why a run stopped before its end; the reason of the signal that stops it. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "aborted";
  /** As shells count: 128 and the number of the signal. */
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`Stopped by ${signal === "SIGINT" ? "Ctrl-C" : signal}`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** A terminal sends Ctrl-C to every process of the group, and npx and pnpm pass theirs on as well. */
const echoMs = 300;

/** Turns SIGINT and SIGTERM into an abort; the second one ends the process at once. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #process: NodeJS.Process;
  #firstAt: number | undefined;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    process.on("SIGINT", this.#interrupt).on("SIGTERM", this.#interrupt);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #interrupt = (name: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#controller.abort(new InterruptedError(name));
    } else if (now - this.#firstAt > echoMs) {
      this.#process.exit(new InterruptedError(name).exitCode);
    }
  };

  [Symbol.dispose](): void {
    this.#process.off("SIGINT", this.#interrupt).off("SIGTERM", this.#interrupt);
  }
}
