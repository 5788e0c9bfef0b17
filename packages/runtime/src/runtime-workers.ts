import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@orchestra/core";
import { Housekeeper } from "./upkeep/housekeeper.ts";
import type { Schedules } from "./control/schedules.ts";
import { waitToClose } from "./database/index.ts";
import { RuntimeClosedError } from "./errors/index.ts";
import { Worker, type WorkerOptions, type WorkerServices } from "./worker/worker.ts";

/** How long to wait for late bookings when the database is not available, in milliseconds. */
const maxLateMs = 5000;

export interface WorkersOptions extends Omit<
  WorkerServices,
  "worker" | "logger" | "onDrained" | "onLate"
> {
  readonly schedules: Schedules;
  /** Retention of ended runs, in milliseconds. */
  readonly keptMs: number;
}

/** The workers of a process, and its housekeeper, which starts with the first worker. */
export class Workers implements AsyncDisposable {
  readonly #options: WorkersOptions;
  readonly #workers = new Set<Worker>();
  /** Bookings of runs that have already ended. */
  readonly #late = new Set<Promise<void>>();
  #housekeeper: Housekeeper | undefined;
  #isDraining = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** @throws {RuntimeClosedError} once they drain */
  start(options: WorkerOptions, logger: Logger): Worker {
    if (this.#isDraining) throw new RuntimeClosedError();
    const { schedules, keptMs, ...services } = this.#options;
    const { store, artifacts, queue, database, onError } = services;
    this.#housekeeper ??= new Housekeeper({
      store,
      artifacts,
      queue,
      database,
      schedules,
      keptMs,
      onWork: () => {
        for (const worker of this.#workers) worker.wake();
      },
      onError,
    });
    const worker = new Worker(
      {
        ...services,
        worker: options.name ?? `${hostname()}:${process.pid}`,
        logger,
        onDrained: () => this.#workers.delete(worker),
        onLate: this.#onLate,
      },
      options,
    );
    this.#workers.add(worker);
    return worker;
  }

  readonly #onLate = (booked: Promise<void>): void => {
    this.#late.add(booked);
    void booked.finally(() => this.#late.delete(booked));
  };

  async drain(): Promise<void> {
    this.#isDraining = true;
    await Promise.all([...this.#workers].map((worker) => worker.drain()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    const timeout = sleep(maxLateMs, undefined, { ref: false });
    await Promise.race([Promise.all(this.#late), timeout]);
    if (this.#housekeeper) await waitToClose(this.#housekeeper[Symbol.asyncDispose]());
  }
}
