import { randomUUID } from "node:crypto";
import type { OrchestraEvent } from "@orchestra/core";
import { names, waits } from "@orchestra/core/extend";
import { outlastOutages, type Database } from "../database/index.ts";
import { UsageLines, type Line } from "./usage-lines.ts";
import { isUsageEvent, usageOf, type UsageEvent } from "./usage-of-event.ts";
import { writeUsage } from "./write-usage.ts";

export interface UsageCounterOptions {
  readonly database: Database;
  readonly onError: (error: unknown) => void;
}

/** How long calls are collected, in milliseconds. */
const gatherMs = 1000;
/** Number of rows that are written before that time. */
const fullBatch = 1000;
/** Maximum time to wait for the database at the end, in milliseconds. */
const maxCloseMs = 5000;

/**
 * Counts the calls of a process in the table `usage`, in batches. A process that is killed loses the calls
 * that ended since its last batch. While the database is not available, they are kept in memory, in a limited number of
 * rows.
 */
export class UsageCounter implements AsyncDisposable {
  readonly #options: UsageCounterOptions;
  readonly #lines = new UsageLines();
  readonly #writer = randomUUID();
  readonly #closing = new AbortController();
  #batches = 0;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: UsageCounterOptions) {
    this.#options = options;
  }

  readonly listen = (event: OrchestraEvent): void => {
    if (!isUsageEvent(event)) return;
    const call = originOf(event);
    const name = {
      day: call.startedAt.slice(0, 10),
      keyId: call.key?.id ?? "",
      role: storable(call.role),
      model: storable(call.model),
      user: storable(call.user ?? ""),
    };
    this.#lines.add(name, usageOf(event));
    this.#soon();
  };

  /** Writes the remaining rows. */
  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(new Error("No answer")), maxCloseMs);
    while (this.#writing || this.#lines.size > 0) {
      if (!this.#writing) this.#begin();
      await this.#writing;
    }
    clearTimeout(timer);
  }

  #soon(): void {
    // At the end of a write it is called again.
    if (this.#writing) return;
    if (this.#lines.size >= fullBatch) this.#begin();
    else if (this.#lines.size > 0) this.#timer ??= setTimeout(() => this.#begin(), gatherMs);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#write(this.#lines.take()).finally(() => {
      this.#writing = undefined;
      this.#soon();
    });
  }

  async #write(lines: readonly Line[]): Promise<void> {
    const { database, onError } = this.#options;
    const batch = { writer: this.#writer, number: (this.#batches += 1), lines };
    const { signal } = this.#closing;
    try {
      const written = outlastOutages(() => writeUsage(database, batch), {
        signal,
        onOutage: onError,
      });
      await waits.unlessAborted(written, signal);
    } catch (cause) {
      const calls = lines.reduce((sum, line) => sum + line.calls, 0);
      onError(new Error(`The usage of ${calls} calls could not be stored`, { cause }));
    }
  }
}

/** The begin of an event's call, and its owner. */
function originOf(event: UsageEvent) {
  if (event.type === "call-end") return event.record;
  const { role, model, call } = event;
  return { role, model, ...call };
}

/** A name without secrets, and without characters that PostgreSQL's texts cannot contain. */
function storable(name: string): string {
  return names.cleanName(name).toWellFormed().replaceAll("\0", "\u{FFFD}");
}
