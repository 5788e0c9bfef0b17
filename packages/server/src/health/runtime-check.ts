import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseProblem, Runtime } from "@orchestra/runtime";
import type { Check } from "./check.ts";
import { CachedState } from "./cached-state.ts";

const timeoutMs = 3000;
const maxAgeMs = 1000;

/** Whether runs can be stored, and whether a worker executes them. */
export interface RuntimeState {
  readonly database: Check;
  readonly queue: Check;
}

/** Checks the database, at most once in a second. */
export class RuntimeCheck {
  readonly #runtime: Pick<Runtime, "load">;
  readonly #problemOf: (error: unknown) => DatabaseProblem | undefined;
  readonly #state = new CachedState(maxAgeMs, () => this.#read());

  constructor(
    runtime: Pick<Runtime, "load">,
    problemOf: (error: unknown) => DatabaseProblem | undefined,
  ) {
    this.#runtime = runtime;
    this.#problemOf = problemOf;
  }

  state(): Promise<RuntimeState> {
    return this.#state.get();
  }

  async #read(): Promise<RuntimeState> {
    const late = sleep(timeoutMs, undefined, { ref: false });
    const load = await Promise.race([this.#runtime.load(), late]).catch((error: unknown) =>
      failed(reasonOf(error, this.#problemOf(error))),
    );
    if (!load) return failed(`no answer within ${timeoutMs} ms`);
    if ("database" in load) return load;
    const { queuedRuns, workers, isReadOnly } = load;
    if (isReadOnly) return failed(reasons["read-only"]);
    const isStuck = queuedRuns > 0 && workers === 0;
    // Requests can be answered nevertheless; runs wait.
    const reason = `no worker is running (queued runs: ${queuedRuns})`;
    return { database: { ok: true }, queue: { ok: true, ...(isStuck ? { reason } : {}) } };
  }
}

function failed(reason: string): RuntimeState {
  const database = { ok: false, reason };
  return { database, queue: { ok: false, reason: "the queue is in the database" } };
}

const reasons: Readonly<Record<DatabaseProblem, string>> = {
  lost: "not reached",
  busy: "the database is busy",
  "read-only": "the database is read-only",
  refused: "the login is refused",
  "no-rights": "the role lacks a right",
  "no-tables": "tables are missing",
};

/** Probes need no key, so they do not get the address of the database. */
function reasonOf(error: unknown, problem: DatabaseProblem | undefined): string {
  const { code } = error as NodeJS.ErrnoException;
  const what = reasons[problem ?? "lost"];
  return code === undefined ? what : `${what} (${code})`;
}
