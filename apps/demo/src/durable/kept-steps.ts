import { sumUsage } from "../usage.ts";
import { count, dollars } from "../view/words.ts";
import { recordsOf, type Story } from "./story.ts";

/** The steps that are not done again, such as `research: from the checkpoint, with 2 calls`. */
export function keptSteps({ steps, calls }: Story): string[] {
  return steps.map((step, index) => {
    const own = recordsOf(calls.filter((call) => call.step === index));
    const { promptTokens, completionTokens, costUsd } = sumUsage(own);
    const took = `${promptTokens}+${completionTokens} tokens, ${dollars(costUsd)}`;
    return own.length === 0
      ? `${step}: from the checkpoint`
      : `${step}: from the checkpoint, ${count(own.length, "call")} not made again (${took})`;
  });
}
