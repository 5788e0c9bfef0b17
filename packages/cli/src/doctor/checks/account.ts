import { readTier } from "@orchestra/core/gateway";
import { z } from "zod";
import { defineCheck, note, ok, skipped, type Result } from "../check.ts";
import type { DoctorContext } from "../doctor-context.ts";
import { roleVariables, skipInvalid } from "./skip-invalid.ts";
import type { Reply } from "../../api/api-client.ts";
import { formatUsd } from "../../terminal/amounts.ts";

/** The fields of `GET /key` that are used. A field with another type counts as absent. */
const keySchema = z.object({
  data: z.object({
    label: z.string().optional().catch(undefined),
    usage: z.number().optional().catch(undefined),
    limit: z.number().nullish().catch(undefined),
    limit_remaining: z.number().nullish().catch(undefined),
    is_free_tier: z.boolean().optional().catch(undefined),
    is_management_key: z.boolean().optional().catch(undefined),
    expires_at: z.string().nullish().catch(undefined),
  }),
});

type KeyData = z.infer<typeof keySchema>["data"];

type KeyAnswer =
  | { readonly data: KeyData; readonly body: unknown }
  /** The reason why there is no answer that can be checked, as a sentence. */
  | { readonly reason: string; readonly reply?: Reply };

async function readKey(context: DoctorContext): Promise<KeyAnswer> {
  const api = await context.api();
  if (!api) return { reason: "OPENROUTER_BASE_URL is not valid." };
  if ((await context.settings()).settings.openRouterApiKey === undefined) {
    return { reason: "There is no key." };
  }
  const reply = await api.key();
  if (reply.failure) return { reason: "The server does not answer.", reply };
  const parsed = keySchema.safeParse(reply.body);
  if (reply.status >= 300 || !parsed.success) {
    return { reason: "The server returned nothing about the key.", reply };
  }
  return { data: parsed.data.data, body: reply.body };
}

const key = defineCheck({
  id: "account/key",
  title: "The key is accepted",
  needsNetwork: true,
  problems: {
    refused: {
      severity: "error",
      remedy:
        "Make a new key at https://openrouter.ai/settings/keys and set OPENROUTER_API_KEY to it.",
    },
    "management-key": {
      severity: "error",
      remedy:
        "Set OPENROUTER_API_KEY to an ordinary key of https://openrouter.ai/settings/keys: a management key cannot call models.",
    },
    expired: {
      severity: "error",
      remedy: "Make a new key at https://openrouter.ai/settings/keys.",
    },
    "expires-soon": {
      severity: "warning",
      remedy: "Make a new key at https://openrouter.ai/settings/keys before the old one ends.",
    },
    unclear: {
      severity: "warning",
      remedy: "Run orchestra doctor again: GET /key failed for a moment.",
    },
  },
  run: async (context) => {
    const found = await readKey(context);
    if ("data" in found) return [judgeKey(found.data)];
    const refusal = found.reply && refusalOf(found.reply);
    return refusal ? [refusal] : skipped(found.reason);
  },
});

type KeyProblem = "refused" | "management-key" | "expired" | "expires-soon" | "unclear";

function refusalOf(reply: Reply): Result<KeyProblem> | undefined {
  if (reply.failure) return undefined;
  const { status } = reply;
  if (status === 401 || status === 403) {
    return { problem: "refused", message: `The server refuses the key (HTTP ${status}).` };
  }
  return status >= 500 || status === 429
    ? { problem: "unclear", message: `GET /key gave HTTP ${status}.` }
    : undefined;
}

const soonMs = 7 * 86_400_000;

function judgeKey({ is_management_key, expires_at, label }: KeyData): Result<KeyProblem> {
  if (is_management_key) return { problem: "management-key", message: "It is a management key." };
  const leftMs = Date.parse(expires_at ?? "") - Date.now();
  if (leftMs <= 0) return { problem: "expired", message: `The key expired at ${expires_at}.` };
  if (leftMs < soonMs) {
    return { problem: "expires-soon", message: `The key expires at ${expires_at}.` };
  }
  return ok(label ? `The key ${mask(label)} is accepted.` : "The key is accepted.")[0];
}

/** Without a name from the user, OpenRouter's label is the first and the last characters of the key. */
function mask(label: string): string {
  return label.startsWith("sk-") ? `${label.slice(0, 6)}…` : label;
}

const balance = defineCheck({
  id: "account/balance",
  title: "Credits of the key",
  needsNetwork: true,
  problems: {
    "used-up": {
      severity: "error",
      remedy:
        "Raise the key's limit at https://openrouter.ai/settings/keys, or add credits at https://openrouter.ai/settings/credits.",
    },
    low: {
      severity: "warning",
      remedy:
        "Raise the key's limit at https://openrouter.ai/settings/keys before it is used up, or set LLM_BUDGET_USD_PER_DAY.",
    },
  },
  run: async (context) => {
    const found = await readKey(context);
    if ("reason" in found) return skipped(found.reason);
    const { limit, limit_remaining: remaining, usage } = found.data;
    const used = usage === undefined ? "" : ` ${formatUsd(usage)} used so far.`;
    if (typeof remaining !== "number") return ok(`The key has no limit.${used}`);
    const left = `${formatUsd(remaining)} of the key's limit ${limit ? `of ${formatUsd(limit)} ` : ""}are left.`;
    if (remaining <= 0) return [{ problem: "used-up", message: left }];
    if (remaining < lowUsd && remaining < (limit ?? Infinity) / 10) {
      return [{ problem: "low", message: left }];
    }
    return ok(`${left}${used}`);
  },
});

const lowUsd = 1;

const tier = defineCheck({
  id: "account/tier",
  title: "Tier of the account",
  needsNetwork: true,
  problems: {
    "no-credits": {
      severity: "warning",
      remedy:
        "Add credits at https://openrouter.ai/settings/credits, or give the roles free models (ids that end in :free).",
    },
    "not-free": {
      severity: "warning",
      remedy:
        "Set OPENROUTER_TIER=auto: free limits all requests to 50 a day, also those to paid models.",
    },
    "not-pro": {
      severity: "warning",
      remedy:
        "Set OPENROUTER_TIER=auto, or buy credits for $10 at https://openrouter.ai/settings/credits: they raise the limit of the day to 1,000.",
    },
  },
  run: async (context) => {
    const found = await readKey(context);
    if ("reason" in found) return skipped(found.reason);
    const reading = readTier(found.body);
    if (!reading) return skipped("The server did not return the tier of the account.");
    const resolved = await context.settings();
    const invalid = skipInvalid(resolved, "OPENROUTER_TIER", ...roleVariables);
    if (invalid) return invalid;
    const { settings } = resolved;
    if (reading.tier === "pro" && settings.tier === "free") {
      const message = "OPENROUTER_TIER is free, and the account has credits.";
      return [{ problem: "not-free", message }];
    }
    if (reading.tier === "pro") return ok("The account has credits (pro).");
    if (settings.tier === "pro") {
      const message = "OPENROUTER_TIER is pro, and the account has bought no credits.";
      return [{ problem: "not-pro", message }];
    }
    const paid = (await context.roles()).filter(({ model }) => !model.endsWith(":free"));
    if (paid.length === 0) return ok("The account has no credits (free), and needs none.");
    const list = [...new Set(paid.map(({ model }) => model))].join(", ");
    const message = `The account has bought no credits, and these models are paid: ${list}.`;
    return [{ problem: "no-credits", message }];
  },
});

const day = defineCheck({
  id: "account/day",
  title: "Free requests left today",
  needsNetwork: true,
  problems: {
    "used-up": {
      severity: "warning",
      remedy:
        "Wait for midnight UTC, use paid models, or buy credits for $10: they raise the limit to 1,000 a day.",
    },
  },
  run: async (context) => {
    const found = await readKey(context);
    if ("reason" in found) return skipped(found.reason);
    const reading = readTier(found.body);
    if (!reading?.day) return skipped("The server did not return how many are left.");
    const { remaining, limit } = reading.day;
    const message = `${remaining} of ${limit} requests to free models are left until midnight UTC.`;
    if (remaining > 0) return ok(message);
    const resolved = await context.settings();
    if (skipInvalid(resolved, ...roleVariables)) return note(message);
    const isFreeUsed = (await context.roles()).some(({ model }) => model.endsWith(":free"));
    return isFreeUsed ? [{ problem: "used-up", message }] : note(message);
  },
});

export const accountChecks = [key, balance, tier, day];
