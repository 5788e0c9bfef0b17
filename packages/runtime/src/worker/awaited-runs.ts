import { AsyncLocalStorage } from "node:async_hooks";

/** The runs that the execution of a run waits for. */
export class AwaitedRuns {
  readonly #waits = new Set<{ readonly runId: string }>();
  readonly #onWait: () => void;

  /** @param onWait - Called when it begins to wait for a run. */
  constructor(onWait: () => void) {
    this.#onWait = onWait;
  }

  get ids(): readonly string[] {
    return [...this.#waits].map(({ runId }) => runId);
  }

  /** Does the work of the execution: the waits in it are noted here. */
  during<T>(work: () => Promise<T>): Promise<T> {
    return current.run(this, work);
  }

  note(runId: string): Disposable {
    const wait = { runId };
    this.#waits.add(wait);
    this.#onWait();
    return { [Symbol.dispose]: () => void this.#waits.delete(wait) };
  }
}

const current = new AsyncLocalStorage<AwaitedRuns>();

/** Notes that the current execution, if there is one, waits for a run, until the result is disposed. */
export function noteWait(runId: string): Disposable | undefined {
  return current.getStore()?.note(runId);
}
