import { createHash } from "node:crypto";
import type { JsonObject } from "../wire/chat-request.ts";

/** Counts equal requests. */
export interface RequestCounter {
  /** Counts a request, and returns 1 for the first with this body, 2 for its first repetition, and so on. */
  count(body: JsonObject): number;
  reset(): void;
}

/** A counter that stores only hashes of the requests. */
export function createRequestCounter(): RequestCounter {
  const counts = new Map<string, number>();
  return {
    count(body) {
      const hash = createHash("sha256").update(JSON.stringify(body)).digest("base64");
      const count = (counts.get(hash) ?? 0) + 1;
      counts.set(hash, count);
      return count;
    },
    reset: () => counts.clear(),
  };
}
