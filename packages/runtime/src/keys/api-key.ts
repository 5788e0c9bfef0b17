import type { KeyBudget } from "@orchestra/core";
import { schemas } from "@orchestra/core/extend";
import { z } from "zod";

/** The permissions of a key; `admin` includes all. */
export const keyScopes = ["chat", "runs:read", "runs:write", "admin"] as const;
export type KeyScope = (typeof keyScopes)[number];

/** A key of one of the server's clients, without its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Last characters of the key, so that people can recognise it. */
  readonly ending: string;
  readonly scopes: readonly KeyScope[];
  /** @defaultValue no limit */
  readonly requestsPerMinute?: number;
  /** @defaultValue no budget */
  readonly budget?: KeyBudget;
  /** @defaultValue all roles */
  readonly roles?: readonly string[];
  /** Models that it may name, in addition to those of its roles. @defaultValue all models */
  readonly models?: readonly string[];
  /** As ISO 8601, like the other instants. */
  readonly createdAt: string;
  /** @defaultValue never */
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

/** Options of a new key. */
export interface CreateKeyOptions {
  /** Unique among the keys that are not revoked. */
  readonly name: string;
  /** @defaultValue `["chat"]` */
  readonly scopes?: readonly KeyScope[] | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly budget?: KeyBudget | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly expiresAt?: Date | undefined;
}

const usd = z.lazy(() => z.number().min(0).finite().optional());
const names = z.lazy(() => z.array(schemas.id).min(1).optional());

export const createKeyOptions = z.lazy(() =>
  z.strictObject({
    name: schemas.id,
    scopes: z.array(z.enum(keyScopes)).min(1).optional(),
    requestsPerMinute: z.int32().min(1).optional(),
    budget: z.strictObject({ usdPerDay: usd, usdPerMonth: usd, usdTotal: usd }).optional(),
    roles: names,
    models: names,
    expiresAt: schemas.instant.optional(),
  } satisfies Record<keyof CreateKeyOptions, z.ZodType>),
);

/** A row of the table. */
export interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly hash: Uint8Array;
  readonly ending: string;
  readonly scopes: readonly KeyScope[];
  readonly requests_per_minute: number | null;
  readonly usd_per_day: number | null;
  readonly usd_per_month: number | null;
  readonly usd_total: number | null;
  readonly roles: readonly string[] | null;
  readonly models: readonly string[] | null;
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

export function toApiKey(row: KeyRow): ApiKey {
  const { id, name, ending, scopes, roles, models } = row;
  const budget = present({
    usdPerDay: row.usd_per_day,
    usdPerMonth: row.usd_per_month,
    usdTotal: row.usd_total,
  });
  return {
    id,
    name,
    ending,
    scopes,
    ...present({ requestsPerMinute: row.requests_per_minute, roles, models }),
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
    createdAt: row.created_at.toISOString(),
    ...present({
      expiresAt: row.expires_at && row.expires_at.toISOString(),
      revokedAt: row.revoked_at && row.revoked_at.toISOString(),
    }),
  };
}

type Present<Fields> = { [Name in keyof Fields]?: NonNullable<Fields[Name]> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null),
  ) as Present<Fields>;
}
