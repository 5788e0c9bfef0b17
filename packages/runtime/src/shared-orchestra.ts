import {
  Orchestra,
  resolveSettings,
  type Environment,
  type OrchestraOptions,
  type Settings,
} from "@orchestra/core";
import type { Database } from "./database/index.ts";
import { accountOf, PostgresBudgetStore, PostgresRateLimiter } from "./limits/index.ts";

export interface SharedOrchestraOptions {
  readonly database: Database;
  readonly options?: Omit<OrchestraOptions, "environment"> | undefined;
  readonly environment?: Environment | undefined;
  readonly windowMs?: number | undefined;
  readonly onOutage: (error: unknown) => void;
}

/** An orchestra whose account and budgets are those of all processes on the database. */
export class SharedOrchestra implements AsyncDisposable {
  readonly orchestra: Orchestra;
  readonly #limiter: PostgresRateLimiter | undefined;

  /** @throws {SettingsError} where settings are missing or wrong */
  constructor({ database, options, environment, windowMs, onOutage }: SharedOrchestraOptions) {
    const settings = resolveSettings(options?.settings, environment);
    // Where the settings lift every limit there is nothing to share, and nothing to ask the database.
    this.#limiter =
      options?.rateLimiter || isUnlimited(settings)
        ? undefined
        : new PostgresRateLimiter({
            database,
            account: accountOf(keyOf(settings)),
            windowMs,
            onDayExceeded: settings.onQuota === "wait" ? "delay" : "fail",
            onOutage,
          });
    this.orchestra = new Orchestra({
      budgetStore: new PostgresBudgetStore({ database }),
      ...(this.#limiter ? { rateLimiter: this.#limiter } : {}),
      ...options,
      ...(environment ? { environment } : {}),
    });
  }

  /** Gives back the slots that it holds. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#limiter?.[Symbol.asyncDispose]();
  }
}

function isUnlimited(settings: Settings): boolean {
  const { requestsPerMinute, requestsPerDay, tokensPerMinute, maxConcurrency } = settings;
  if (requestsPerMinute !== Infinity || requestsPerDay !== Infinity) return false;
  return [tokensPerMinute, maxConcurrency].every((limit = Infinity) => limit === Infinity);
}

/** What tells one account from another. */
function keyOf({ openRouterApiKey, portkeyApiKey, baseUrl }: Settings): string {
  return openRouterApiKey ?? portkeyApiKey ?? baseUrl;
}
