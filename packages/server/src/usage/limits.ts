import { z } from "@hono/zod-openapi";
import type { Gateway, RateLimiterState } from "@orchestra/core";
import { secrets } from "@orchestra/core/extend";

const amount = z.number().nullable().describe("null if there is no limit.");

const windowSchema = z
  .object({
    limit: amount.describe("Requests in any minute; null if there is no limit."),
    remaining: amount.describe("Requests that can be sent now."),
    delayMs: z.number().describe("How long a new call would wait."),
    resetAfterMs: z.number(),
    tokens: z.object({ limit: amount, remaining: amount }),
    inFlight: z.number(),
    maxInFlight: amount,
    waiting: z.number().describe("Calls that wait for their turn."),
    day: z.object({ limit: amount, used: z.number(), resetsAt: z.iso.datetime().nullable() }),
  })
  .meta({ id: "RateLimit" });

const budgetSchema = z.object({ usd: amount, tokens: amount });

/** The current limits. */
export const limitsSchema = z
  .object({
    all: windowSchema.describe("All requests, as the settings limit them."),
    free: windowSchema.describe("Requests to free models, as OpenRouter limits them."),
    circuits: z
      .array(
        z.object({
          model: z.string(),
          via: z.string(),
          provider: z.string().optional(),
          state: z.enum(["closed", "open", "half-open"]),
        }),
      )
      .readonly()
      .describe(
        "Circuits of the models that this process has called. While a circuit is open, its model is not called.",
      ),
    budgets: z
      .object({ call: budgetSchema, run: budgetSchema, day: budgetSchema })
      .describe("The most that a call, a run and a day may cost."),
  })
  .meta({ id: "Limits" });

/** Reads the state that the limiters have already; sends no request. */
export async function readLimits({
  account,
  circuits,
  settings,
}: Gateway): Promise<z.input<typeof limitsSchema>> {
  const [all, free] = await Promise.all([account.limiter.state(), account.freeLimiter.state()]);
  return {
    all: windowOf(all),
    free: windowOf(free),
    circuits: circuits.map((each) => ({ ...each, model: secrets.redactSecrets(each.model) })),
    budgets: {
      call: {
        usd: orNull(settings.budgetUsdPerCall),
        tokens: orNull(settings.budgetTokensPerCall),
      },
      run: { usd: orNull(settings.budgetUsdPerRun), tokens: orNull(settings.budgetTokensPerRun) },
      day: { usd: orNull(settings.budgetUsdPerDay), tokens: orNull(settings.budgetTokensPerDay) },
    },
  };
}

function windowOf(state: RateLimiterState): z.input<typeof windowSchema> {
  const { limit, remaining, delayMs, resetAfterMs, tokens, inFlight, maxInFlight, waiting, day } =
    state;
  return {
    limit: orNull(limit),
    remaining: orNull(remaining),
    delayMs,
    resetAfterMs,
    tokens: { limit: orNull(tokens.limit), remaining: orNull(tokens.remaining) },
    inFlight,
    maxInFlight: orNull(maxInFlight),
    waiting,
    day: {
      limit: orNull(day.limit),
      used: day.used,
      resetsAt: Number.isFinite(day.resetsAt) ? new Date(day.resetsAt).toISOString() : null,
    },
  };
}

/** JSON has no infinite numbers. */
function orNull(limit: number | undefined): number | null {
  return limit === undefined || !Number.isFinite(limit) ? null : limit;
}
