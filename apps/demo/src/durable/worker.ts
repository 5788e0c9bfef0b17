import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "@orchestra/core";
import type { Output } from "../style.ts";
import type { Job, Message } from "./messages.ts";

export interface WorkerOptions {
  readonly environment: Environment;
  /** Where its logs go. */
  readonly stderr: Output;
  readonly onMessage: (message: Message) => void;
}

/** Maximum wait for the run to be cancelled, after the user stopped the demo. */
const maxStopMs = 400;
/** Maximum time for a process to close its database after its run has ended. */
const maxCloseMs = 10_000;

const file = join(import.meta.dirname, "worker-process.ts");

/** A process that executes a run. */
export class WorkerProcess implements AsyncDisposable {
  /** Resolves when it has ended. */
  readonly gone: Promise<unknown>;
  readonly #child: ChildProcess;

  constructor(job: Job, { environment, stderr, onMessage }: WorkerOptions) {
    const child = fork(file, {
      env: { ...environment },
      // With this condition, Node.js runs the sources of the packages, regardless of how this process was started.
      execArgv: ["--conditions=@orchestra/source"],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.pipe(stderr, { end: false });
    child.on("message", (message) => onMessage(message as Message));
    // A process that has ended receives no message; `gone` reports its end.
    child.on("error", () => undefined);
    child.send(job, () => undefined);
    this.#child = child;
    this.gone = once(child, "close");
  }

  /** `0` if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Kills it, as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.gone;
  }

  /** Sends a message to cancel the run and to end; kills the process if that takes too long. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send("stop", () => undefined);
    await this.#endWithin(maxStopMs);
  }

  /** Waits until it ends. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#endWithin(maxCloseMs);
  }

  async #endWithin(durationMs: number): Promise<void> {
    const waiting = new AbortController();
    const tooLate = sleep(durationMs, undefined, { signal: waiting.signal });
    await Promise.race([this.gone, tooLate.catch(() => undefined)]);
    waiting.abort();
    await this.kill();
  }
}
