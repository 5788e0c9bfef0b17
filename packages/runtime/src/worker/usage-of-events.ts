import type { OrchestraEvent } from "@orchestra/core";
import { noUsage, type RunUsage } from "../runs/index.ts";
import { addUsage, isUsageEvent, usageOf } from "../usage/usage-of-event.ts";

/** Sums up the usage in the events of a run, from one flush to the next. */
export class UsageOfEvents {
  #sum = noUsage;

  addEvent(event: OrchestraEvent): void {
    if (isUsageEvent(event)) this.#sum = addUsage(this.#sum, usageOf(event));
  }

  /** The usage since the last call; `undefined` if there is none. */
  take(): RunUsage | undefined {
    const sum = this.#sum;
    this.#sum = noUsage;
    return sum === noUsage ? undefined : sum;
  }
}
