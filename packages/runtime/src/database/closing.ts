import { systemClock, waits } from "@orchestra/core/extend";

/** Maximum time to wait for a database that does not answer when something is closed, in milliseconds. */
export const maxClosingMs = 3000;

/** Waits for the last work of something that is closed; not longer than {@link maxClosingMs}. */
export async function waitToClose(lastWork: Promise<unknown>): Promise<void> {
  await waits.within(systemClock, maxClosingMs, lastWork);
}
