import type { RunEvent } from "@orchestra/runtime";
import type { Sandbox } from "@orchestra/sandbox";

/** Longer than it takes to hear of a call and to kill its process. */
const heldMs = 5000;

/**
 * Finds the middle of a run, where it is worth a kill: research and validation are kept by then, and
 * the executor's call is under way.
 */
export function halfWay(sandbox: Sandbox | undefined): (event: RunEvent) => boolean {
  return (event) => {
    if (event.type !== "attempt-start") return false;
    // The sandbox answers sooner than anyone could strike; it holds back the answer that comes next.
    if (event.role === "validator") sandbox?.order({ fault: "slow", delayMs: heldMs, times: 1 });
    return event.role === "executor";
  };
}
