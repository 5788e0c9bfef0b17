import type { RunEvent } from "@orchestra/runtime";
import type { Sandbox } from "@orchestra/sandbox";

/** Longer than it takes to receive the event and to kill the process. */
const heldMs = 5000;

/**
 * Finds the point at which to kill the process: research and validation are stored, and the executor's
 * call is in flight.
 */
export function killPoint(sandbox: Sandbox | undefined): (event: RunEvent) => boolean {
  return (event) => {
    if (event.type !== "attempt-start") return false;
    // The sandbox answers before the kill could happen, so it delays the next answer.
    if (event.role === "validator") sandbox?.order({ fault: "slow", delayMs: heldMs, times: 1 });
    return event.role === "executor";
  };
}
