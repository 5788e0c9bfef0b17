import type { Books } from "@orchestra/sandbox";
import { sumUsage, type UsageSum } from "../usage.ts";

/** What the sandbox has counted by itself. */
export interface BooksFacts {
  readonly requests: number;
  /** Requests whose sender was gone before the answer was complete. */
  readonly cutOff: number;
  /** Requests that were answered although the very same one had been before. */
  readonly answeredTwice: number;
  /** Whether the tokens of its answers are those that the run has booked. */
  readonly agree: boolean;
}

/** Holds what a run says of its calls against what the server knows of them. */
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
