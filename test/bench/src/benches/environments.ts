import { closeSync, openSync, writeSync } from "node:fs";
import {
  createJsonLogger,
  createRedactor,
  resolveSettings,
  type Environment,
  type Logger,
} from "@orchestra/core/gateway";
import { benchModel, otherModel } from "../servers/canned.ts";

export const key = "sk-or-v1-bench-0123456789";

/** The environment for a server: no limits and no log, unless `environment` sets them. */
export function environmentFor(baseUrl: string, environment: Environment = {}): Environment {
  return {
    OPENROUTER_API_KEY: key,
    OPENROUTER_BASE_URL: baseUrl,
    OPENROUTER_DEFAULT_MODEL: benchModel,
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LOG_LEVEL: "silent",
    ...environment,
  };
}

/** All limits and budgets, a fallback, a hedge and the log. The limits are so high that they never apply. */
export function environmentWithEverythingOn(baseUrl: string): Environment {
  return environmentFor(baseUrl, {
    LLM_REQUESTS_PER_MINUTE: "100000000",
    LLM_REQUESTS_PER_DAY: "100000000",
    LLM_TOKENS_PER_MINUTE: "100000000000",
    LLM_MAX_CONCURRENCY: "100000",
    LLM_BUDGET_USD_PER_CALL: "1000000",
    LLM_BUDGET_USD_PER_RUN: "1000000",
    LLM_BUDGET_USD_PER_DAY: "1000000",
    LLM_BUDGET_TOKENS_PER_CALL: "100000000000",
    LLM_BUDGET_TOKENS_PER_RUN: "100000000000",
    LLM_BUDGET_TOKENS_PER_DAY: "100000000000",
    LLM_CALL_TIMEOUT: "600",
    LLM_FIRST_TOKEN_TIMEOUT: "30",
    LLM_HEDGE_AFTER: "20",
    LOG_LEVEL: "info",
    ...fallbackTo(baseUrl),
  });
}

/** The environment for a fallback through a gateway, which can be on the same server. */
export function fallbackTo(gatewayUrl: string): Environment {
  const [provider, model] = otherModel.split("/");
  return {
    PORTKEY_GATEWAY_URL: gatewayUrl,
    PORTKEY_FALLBACKS: JSON.stringify([{ provider, model, api_key: "sk-other-0123456789" }]),
  };
}

/** The log as it is by default, into `/dev/null` instead of standard error. */
export function logToNowhere(): { readonly logger: Logger } & Disposable {
  const nowhere = openSync("/dev/null", "w");
  const logger = createJsonLogger({
    level: "info",
    redact: createRedactor(resolveSettings({}, environmentFor("http://127.0.0.1"))),
    write: (lines) => writeSync(nowhere, lines),
  });
  return {
    logger,
    [Symbol.dispose]() {
      // An error is written at once, and what waits before it.
      logger.error("The bench has ended");
      closeSync(nowhere);
    },
  };
}
