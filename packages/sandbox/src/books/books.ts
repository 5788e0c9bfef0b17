import { dollars } from "../wire/usage.ts";
import type { BookEntry, BookTotals } from "./entry.ts";

/** The server's own records, for comparison with a client's. */
export interface Books {
  /** One entry for each request for a completion, in order of arrival. */
  readonly entries: readonly BookEntry[];
  totals(): BookTotals;
  /** The entry of a generation. */
  find(id: string): BookEntry | undefined;
}

/** An entry that is still being written. */
export type OpenEntry = { -readonly [Field in keyof BookEntry]: BookEntry[Field] };

/** Books that can be written. */
export interface WritableBooks extends Books {
  open(entry: OpenEntry): OpenEntry;
  clear(): void;
}

/** Empty books. */
export function createBooks(): WritableBooks {
  const entries: OpenEntry[] = [];
  return {
    entries,
    open(entry) {
      entries.push(entry);
      return entry;
    },
    clear() {
      entries.length = 0;
    },
    find: (id) => entries.find((entry) => entry.id === id),
    totals: () => sum(entries),
  };
}

function sum(entries: readonly BookEntry[]): BookTotals {
  const count = (test: (entry: BookEntry) => boolean) => entries.filter(test).length;
  const add = (field: "promptTokens" | "completionTokens" | "costUsd") =>
    entries.reduce((total, entry) => total + entry[field], 0);
  return {
    requests: entries.length,
    succeeded: count(
      ({ status, fault, aborted }) =>
        status === 200 && (fault === undefined || fault === "slow") && !aborted,
    ),
    refused: count((entry) => entry.status >= 400),
    aborted: count((entry) => entry.aborted),
    promptTokens: add("promptTokens"),
    completionTokens: add("completionTokens"),
    costUsd: dollars(add("costUsd")),
  };
}
