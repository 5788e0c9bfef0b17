import { z } from "zod";

/** A value that OpenRouter documents, or one that it adds later. */
type OpenString<Known extends string> = Known | (string & {});

type Nullable<T> = T | null | undefined;

/** Cutoffs by percentile; a plain number applies to the median. */
export type PercentileCutoffs = number | { readonly [percentile: string]: Nullable<number> };

/**
 * OpenRouter's provider routing, by the names of its API. Unknown fields are sent unchanged.
 *
 * @see https://openrouter.ai/docs/guides/routing/provider-selection
 */
export interface ProviderRouting {
  /** Sorts the providers; without it OpenRouter balances the load by price. */
  readonly sort?: Nullable<
    | OpenString<"price" | "throughput" | "latency" | "exacto">
    | { readonly by?: Nullable<string>; readonly partition?: Nullable<string> }
  >;
  /** Provider slugs to try first, in this order. */
  readonly order?: Nullable<readonly string[]>;
  /** Provider slugs to use; all others are excluded. */
  readonly only?: Nullable<readonly string[]>;
  /** Provider slugs to exclude. */
  readonly ignore?: Nullable<readonly string[]>;
  /** Whether OpenRouter may use other providers than the first. @defaultValue OpenRouter's: `true` */
  readonly allow_fallbacks?: Nullable<boolean>;
  /** Whether to use only providers that support every field of the request. @defaultValue OpenRouter's: `false` */
  readonly require_parameters?: Nullable<boolean>;
  /** Maximum price in US dollars: per million tokens for `prompt` and `completion`, else per unit. */
  readonly max_price?: Nullable<{ readonly [item: string]: Nullable<number | string> }>;
  /** Whether providers that store prompts may be used. @defaultValue OpenRouter's: `"allow"` */
  readonly data_collection?: Nullable<"allow" | "deny">;
  /** Whether to use only endpoints with zero data retention. */
  readonly zdr?: Nullable<boolean>;
  /** Quantizations to use, such as `fp8`. */
  readonly quantizations?: Nullable<readonly string[]>;
  /** Tokens a second; slower endpoints are used last. */
  readonly preferred_min_throughput?: Nullable<PercentileCutoffs>;
  /** Seconds; slower endpoints are used last. */
  readonly preferred_max_latency?: Nullable<PercentileCutoffs>;
  /** Whether to use only models whose author allows distillation of text. */
  readonly enforce_distillable_text?: Nullable<boolean>;
  readonly [field: string]: unknown;
}

/** Checks the fields that OpenRouter documents; others pass. */
export const providerRoutingSchema: z.ZodType<ProviderRouting> = z.lazy(() => {
  const boolean = z.boolean("must be true or false").nullish();
  const slugs = z
    .array(z.string("must be a string").min(1, "is empty"), "must be an array of strings")
    .nullish();
  const nonNegative = z.number("must be a number").nonnegative("must not be negative");
  const cutoffs = z
    .union([nonNegative, z.record(z.string(), nonNegative.nullish())], {
      error: "must be a number, 0 or more, or an object of percentiles and numbers",
    })
    .nullish();
  const price = z.union(
    [nonNegative, z.string().regex(/^(\d+\.?\d*|\.\d+)$/, "must be a number of US dollars")],
    {
      error: "must be a number of US dollars, 0 or more",
    },
  );

  return z.looseObject(
    {
      sort: z
        .union(
          [
            z.string().min(1),
            z.looseObject({ by: z.string().nullish(), partition: z.string().nullish() }),
          ],
          { error: "must be price, throughput or latency, or an object with by and partition" },
        )
        .nullish(),
      order: slugs,
      only: slugs,
      ignore: slugs,
      allow_fallbacks: boolean,
      require_parameters: boolean,
      max_price: z
        .record(z.string(), price.nullish(), "must be an object of items and prices")
        .nullish(),
      data_collection: z.enum(["allow", "deny"], "must be allow or deny").nullish(),
      zdr: boolean,
      quantizations: slugs,
      preferred_min_throughput: cutoffs,
      preferred_max_latency: cutoffs,
      enforce_distillable_text: boolean,
    },
    "must be a JSON object",
  );
});
