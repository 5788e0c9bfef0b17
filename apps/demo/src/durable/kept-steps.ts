import { sumUsage } from "../usage.ts";
import { cost, count } from "../view/words.ts";
import { recordsOf, type Story } from "./story.ts";

/** The steps that are not repeated, such as `research: from the checkpoint, 2 calls not made again`. */
export function keptSteps({ steps, calls }: Story): string[] {
  return steps.map((step, index) => {
    const own = recordsOf(calls.filter((call) => call.step === index));
    const usage = sumUsage(own);
    const took = `${usage.promptTokens}+${usage.completionTokens} tokens, ${cost(usage)}`;
    return own.length === 0
      ? `${step}: from the checkpoint`
      : `${step}: from the checkpoint, ${count(own.length, "call")} not made again (${took})`;
  });
}
