import type { Books } from "@orchestra/sandbox";
import { sumUsage, type UsageSum } from "../usage.ts";

/** What the sandbox counted. */
export interface BooksFacts {
  readonly requests: number;
  /** Requests whose sender disconnected before the answer was complete. */
  readonly cutOff: number;
  /** Requests that were answered although an identical one had been answered before. */
  readonly answeredTwice: number;
  /** Whether the sandbox and the run counted the same tokens. */
  readonly agree: boolean;
}

/** Compares the calls that a run recorded with the requests that the sandbox recorded. */
export function compareBooks({ entries }: Books, calls: readonly UsageSum[]): BooksFacts {
  const cutOff = entries.filter(({ aborted }) => aborted);
  const whole = entries.filter(({ aborted, endedAt }) => !aborted && endedAt !== undefined);
  const answered = whole.filter(({ status }) => status === 200);
  const bodies = new Set(answered.map(({ body }) => JSON.stringify(body)));
  const booked = sumUsage(calls);
  const served = sumUsage(whole);
  return {
    requests: entries.length,
    cutOff: cutOff.length,
    answeredTwice: answered.length - bodies.size,
    agree:
      booked.promptTokens === served.promptTokens &&
      booked.completionTokens === served.completionTokens,
  };
}
