import { setTimeout as sleep } from "node:timers/promises";
import {
  Gateway,
  limitsAllRequests,
  limitsFreeModels,
  resolveSettings,
  type Environment,
  type OrchestraOptions,
  type Settings,
} from "@orchestra/core/gateway";
import { waitToClose, type Database } from "../database/index.ts";
import { UsageCounter } from "../usage/index.ts";
import { accountOf } from "./account-of.ts";
import { PostgresBudgetStore } from "./postgres-budget-store.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";

const maxFlushMs = 5000;

export interface SharedGatewayOptions {
  readonly database: Database;
  readonly options?: Omit<OrchestraOptions, "environment"> | undefined;
  readonly environment?: Environment | undefined;
  readonly windowMs?: number | undefined;
  /** Receives problems of background work, such as an outage. */
  readonly onError: (error: unknown) => void;
}

/**
 * A gateway that shares its account's limits and its budgets with all processes on the database. Its calls
 * are counted there.
 */
export class SharedGateway implements AsyncDisposable {
  readonly gateway: Gateway;
  readonly #limiters: readonly PostgresRateLimiter[];
  readonly #usage: UsageCounter;
  readonly #stopCounting: () => void;

  /** @throws {SettingsError} if settings are missing or wrong */
  constructor({ database, options, environment, windowMs, onError }: SharedGatewayOptions) {
    const settings = resolveSettings(options?.settings, environment);
    const createLimiter = (account: string) =>
      new PostgresRateLimiter({
        database,
        account: accountOf(account),
        windowMs,
        onDayExceeded: settings.onQuota === "wait" ? "delay" : "fail",
        maxRefusalMs: settings.refusalMaxDelayMs,
        maxRefusalWaitMs: settings.retryMaxDelayMs,
        onOutage: onError,
      });
    const key = keyOf(settings);
    // Without limits there is nothing to share, and the database is not used.
    const rateLimiter =
      options?.rateLimiter === undefined && limitsAllRequests(settings)
        ? createLimiter(key)
        : undefined;
    const freeModelRateLimiter =
      options?.freeModelRateLimiter === undefined && limitsFreeModels(settings)
        ? createLimiter(`${key} free models`)
        : undefined;
    this.#limiters = [rateLimiter, freeModelRateLimiter].filter((limiter) => limiter !== undefined);
    this.gateway = new Gateway({
      budgetStore: new PostgresBudgetStore({ database }),
      ...(rateLimiter ? { rateLimiter } : {}),
      ...(freeModelRateLimiter ? { freeModelRateLimiter } : {}),
      ...options,
      ...(environment ? { environment } : {}),
    });
    this.#usage = new UsageCounter({ database, onError });
    this.#stopCounting = this.gateway.listen(this.#usage.listen);
  }

  /** Waits for the last costs, stores the usage of its calls, and returns the slots that it holds. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Costs of requests that were cut off become known a moment later.
    await Promise.race([this.gateway.flushCosts(), sleep(maxFlushMs, undefined, { ref: false })]);
    this.#stopCounting();
    await this.#usage[Symbol.asyncDispose]();
    const limiters = this.#limiters.map((limiter) => limiter[Symbol.asyncDispose]());
    await waitToClose(Promise.all(limiters));
  }
}

/** Identifies the account. */
function keyOf({ openRouterApiKey, portkeyApiKey, baseUrl }: Settings): string {
  return openRouterApiKey ?? portkeyApiKey ?? baseUrl;
}
