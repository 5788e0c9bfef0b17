import { randomUUID } from "node:crypto";

/** What takes longer hangs: a busy machine needs ten times as long as a quiet one. */
const maxCaseMs = 120_000;

/** Does work that is told when it takes too long. @throws {Error} then */
export async function within<T>(
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(maxCaseMs);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener("abort", () => reject(new Error(`${name} hangs`)), { once: true });
  });
  return Promise.race([work(timeout), late]);
}

/** A key that no other case has. */
export function nextKey(): string {
  return randomUUID();
}
