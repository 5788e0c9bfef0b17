import type { RunEvent } from "@orchestra/runtime";
import type { Sandbox } from "@orchestra/sandbox";

/** Longer than it takes to receive the event and to kill the process. */
const heldMs = 5000;
/** About the time of a fast model's answer: events are stored and received while the next answer arrives. */
const answerMs = 1000;

/**
 * Finds the point at which to kill the process: research and validation are stored, and the executor's
 * call is in flight.
 */
export function killPoint(sandbox: Sandbox | undefined): (event: RunEvent) => boolean {
  sandbox?.order({ fault: "slow", delayMs: answerMs });
  return (event) => {
    if (event.type !== "attempt-start") return false;
    if (event.role === "validator") {
      sandbox?.clear();
      sandbox?.order({ fault: "slow", delayMs: heldMs, times: 1 });
    }
    return event.role === "executor";
  };
}
