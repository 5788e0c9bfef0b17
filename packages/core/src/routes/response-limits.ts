import type { ResponseLimits } from "../completions/index.ts";
import type { Settings } from "../settings/index.ts";

/** The settings' bounds on responses. */
export function responseLimits(settings: Settings): ResponseLimits {
  return {
    answer: settings.maxAnswerBytes,
    event: settings.maxEventBytes,
    error: settings.maxErrorBytes,
    toolCalls: settings.maxToolCalls,
  };
}
