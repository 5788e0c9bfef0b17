import type { OrchestraEvent } from "@orchestra/core";
import { noUsage, type RunUsage } from "../runs/index.ts";
import { addUsage, isUsageEvent, usageOf } from "../usage/usage-of-event.ts";

/** Adds up what the events of a run say that its calls took, from one flush to the next. */
export class UsageOfEvents {
  #sum = noUsage;

  addEvent(event: OrchestraEvent): void {
    if (isUsageEvent(event)) this.#sum = addUsage(this.#sum, usageOf(event));
  }

  /** What has come since the last call; nothing if nothing has. */
  take(): RunUsage | undefined {
    const sum = this.#sum;
    this.#sum = noUsage;
    return sum === noUsage ? undefined : sum;
  }
}
