import { isOpenRouter } from "./is-openrouter.ts";
import type { Settings } from "./settings.ts";

export interface Contradiction {
  readonly option: keyof Settings;
  readonly problem: string;
  /** Another solution, as a whole sentence. */
  readonly remedy?: string;
  /** Set where one of the settings was given in code. @defaultValue `"environment"` */
  readonly source?: "code";
}

/** Node.js does not read `.env` by itself, but the command does. So a key may be missing only in a program. */
const envFileAdvice = "A program reads a .env file with node --env-file=.env.";

/** The way to a first answer for those who have no key. */
export const withoutKeyAdvice =
  "To try it without a key, start the sandbox with npx @orchestra/sandbox (in a clone: npx -y pnpm@12 sandbox), and set the variables that it prints.";

/**
 * Settings that are valid by themselves but not together.
 *
 * @param isValid - Whether all of these settings are valid. Nothing is reported of those that are not.
 * @param isInCode - Whether one of these settings was given in code.
 */
export function contradictions(
  settings: Settings,
  isValid: (...names: readonly (keyof Settings)[]) => boolean,
  isInCode: (...names: readonly (keyof Settings)[]) => boolean,
): Contradiction[] {
  const found: Contradiction[] = [];
  const { retryDelayMs, retryMaxDelayMs } = settings;
  if (isValid("retryDelayMs", "retryMaxDelayMs") && retryMaxDelayMs < retryDelayMs) {
    found.push(
      isInCode("retryDelayMs", "retryMaxDelayMs")
        ? {
            option: "retryMaxDelayMs",
            problem: `is ${retryMaxDelayMs}, less than retryDelayMs (${retryDelayMs})`,
            source: "code",
          }
        : {
            option: "retryMaxDelayMs",
            problem: `is ${retryMaxDelayMs / 1000}, less than LLM_RETRY_DELAY (${retryDelayMs / 1000})`,
          },
    );
  }
  const isDirect = settings.preferredProvider === "openrouter";
  if (
    isValid("openRouterApiKey", "preferredProvider", "baseUrl") &&
    settings.openRouterApiKey === undefined &&
    isDirect &&
    isOpenRouter(settings.baseUrl)
  ) {
    found.push({
      option: "openRouterApiKey",
      problem: "is required for openrouter.ai",
      remedy: `${envFileAdvice} ${withoutKeyAdvice}`,
    });
  }
  const usesPortkey = !isDirect || settings.fallbacks.length > 0;
  if (
    isValid("portkeyApiKey", "portkeyGatewayUrl") &&
    usesPortkey &&
    settings.portkeyApiKey === undefined &&
    settings.portkeyGatewayUrl === undefined
  ) {
    const why = isDirect ? "PORTKEY_FALLBACKS is set" : "PREFERRED_LLM_PROVIDER is portkey";
    found.push({
      option: "portkeyApiKey",
      problem: `is required where ${why}, unless PORTKEY_GATEWAY_URL is a self-hosted gateway`,
    });
  }
  return found;
}
