import type { RunUsage } from "../runs/index.ts";
import { addUsage } from "./usage-of-event.ts";

/** The key of a row: calls with the same values are summed up in it. */
export interface LineName {
  /** UTC day on which the calls began, such as `2026-11-28`. */
  readonly day: string;
  /** The client's key; `""` for calls without one. */
  readonly keyId: string;
  readonly role: string;
  /** Requested model. */
  readonly model: string;
  /** End user; `""` for calls without one. */
  readonly user: string;
}

/** Sums over calls. */
export type Line = LineName & RunUsage;

/** The name for calls without their own row, because clients may name any number of users and models. */
export const other = "(other)";

/**
 * Sums of calls that are not in the database yet. From 5,000 rows on, new users are counted as `(other)`;
 * from 10,000 rows on, also new models and roles.
 */
export class UsageLines {
  readonly #maxLines: number;
  #lines = new Map<string, Line>();

  constructor(maxLines = 5000) {
    this.#maxLines = maxLines;
  }

  get size(): number {
    return this.#lines.size;
  }

  add(name: LineName, usage: RunUsage): void {
    const { size } = this.#lines;
    if (size < this.#maxLines || this.#lines.has(keyOf(name))) this.#addTo(name, usage);
    else {
      const withoutUser = { ...name, user: other };
      const isFull = size >= 2 * this.#maxLines && !this.#lines.has(keyOf(withoutUser));
      this.#addTo(isFull ? { ...withoutUser, model: other, role: other } : withoutUser, usage);
    }
  }

  /** Removes and returns all rows. */
  take(): readonly Line[] {
    const lines = [...this.#lines.values()];
    this.#lines = new Map();
    return lines;
  }

  #addTo(name: LineName, usage: RunUsage): void {
    const key = keyOf(name);
    const line = this.#lines.get(key);
    this.#lines.set(key, { ...name, ...(line ? addUsage(line, usage) : usage) });
  }
}

function keyOf({ day, keyId, role, model, user }: LineName): string {
  return JSON.stringify([day, keyId, role, model, user]);
}
