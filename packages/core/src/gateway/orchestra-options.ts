import { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { firstAndLast } from "../errors/bounded.ts";
import { didYouMean, nearestName, shownName } from "../errors/explain-issue.ts";
import { checkInput, checkOptions } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import type { ChoosePolicies } from "../call/index.ts";
import type { Clock } from "../clock/index.ts";
import type { BudgetStore } from "../resilience/budget/index.ts";
import type { RateLimiter } from "../resilience/rate-limiter/index.ts";
import { settingMeantBy, type Environment, type SettingsOptions } from "../settings/index.ts";
import type { CallRecord, EventListener, Logger } from "../usage/index.ts";

export interface OrchestraOptions {
  /** Settings in code; each has precedence over its environment variable. */
  readonly settings?: SettingsOptions;
  /** @defaultValue `process.env` */
  readonly environment?: Environment;
  /**
   * @defaultValue writes to standard error at `LOG_LEVEL`: readable lines on a terminal (by
   * winston), or else one line of JSON for each entry
   */
  readonly logger?: Logger;
  /** Receives the events of every run. An error that it throws is logged and does not fail the call. */
  readonly onEvent?: EventListener;
  /** Receives the record of every model call. An error that it throws is logged and does not fail the call. */
  readonly onCall?: (record: CallRecord) => void;
  /** @defaultValue undici, with the connections of the global `fetch` */
  readonly fetch?: typeof fetch;
  /**
   * Limits all requests of the account. The settings set its limits.
   *
   * @defaultValue one in memory, for this process
   */
  readonly rateLimiter?: RateLimiter;
  /**
   * Limits the requests to free models, as OpenRouter does with `OPENROUTER_TIER=auto`.
   *
   * @defaultValue one in memory, for this process
   */
  readonly freeModelRateLimiter?: RateLimiter;
  /** Stores the spending of budgets. @defaultValue one in memory, for this process only */
  readonly budgetStore?: BudgetStore;
  /**
   * Changes the policies of every call, outermost first. Each may be used once. If built-in ones
   * are reordered or missing, the log has a warning.
   *
   * @example
   * ```ts
   * new Orchestra({ policies: (defaults) => [pinModel(), ...defaults] });
   * ```
   */
  readonly policies?: ChoosePolicies;
  /** @defaultValue the machine's */
  readonly clock?: Clock;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** The options of `new Orchestra()`; `resolveSettings` checks the settings. */
const orchestraOptions = {
  settings: input.object,
  environment: input.object,
  logger: input.withMethods("a logger", "error", "warn", "info", "debug"),
  onEvent: input.callback,
  onCall: input.callback,
  fetch: input.callback,
  rateLimiter: rateLimiter(),
  freeModelRateLimiter: rateLimiter(),
  budgetStore: input.withMethods("a budget store", "reserve", "settle", "balance", "close"),
  policies: z.unknown(),
  clock: input.clock,
  random: input.callback,
} satisfies Record<keyof OrchestraOptions, z.ZodType>;

/**
 * Checks the options. An unknown option is an error: it may be a setting, such as a budget, that belongs
 * into `settings`.
 *
 * @param where - What takes them, for errors.
 * @throws {ArgumentError} with the problems
 */
export function checkOrchestraOptions(options: OrchestraOptions, where: string): void {
  checkInput(input.object, options, where);
  const { completions } = options as { readonly completions?: unknown };
  if (completions !== undefined) {
    throw new ArgumentError(
      `${where}: options has the fields of a gateway of another copy of @orchestra/core, or of a gateway that was spread: expected the options, or a gateway of this copy. npm ls @orchestra/core lists the copies.`,
    );
  }
  const names = Object.keys(orchestraOptions);
  const unknown = Object.keys(options).flatMap((name) => {
    if (Object.hasOwn(orchestraOptions, name) || nearestName(name, names)) return [];
    if (name === "gateway")
      return ["options.gateway is not known (did you mean new Orchestra(gateway)?)"];
    const setting = settingMeantBy(name);
    const hint = didYouMean(setting && `settings.${setting}`);
    return [`options.${shownName(name)} is not known${hint}`];
  });
  if (unknown.length > 0) {
    throw new ArgumentError(`${where}: ${firstAndLast(unknown).join("; ")}`);
  }
  checkOptions(orchestraOptions, options, where);
}

/**
 * A second argument would have no effect: options next to a gateway are a mistake.
 *
 * @throws {ArgumentError}
 */
export function requireOneArgument({ length }: IArguments, where: string): void {
  if (length <= 1) return;
  throw new ArgumentError(
    `${where} takes one argument, the options or a gateway, but it got ${length}: a gateway has its own options. Give the options to the gateway, or leave the gateway out.`,
  );
}

function rateLimiter() {
  return input.withMethods(
    "a rate limiter",
    "acquire",
    "backOff",
    "setLimits",
    "countDay",
    "state",
  );
}
