import { z } from "zod";
import { portkeyProviders } from "./portkey-providers.ts";

/** One entry of `PORTKEY_FALLBACKS`. */
export const fallbackEntrySchema = z.strictObject({
  /** Portkey's slug of the provider, such as `openai`, or a catalog name such as `@openai-prod`. */
  provider: z
    .string()
    .refine((slug) => portkeyProviders.has(slug) || /^@[a-z0-9][a-z0-9._-]*$/i.test(slug), {
      error:
        "is no provider that Portkey knows (openai, anthropic, google, openrouter, …), nor a catalog name of the form @slug",
    }),
  /** Model, as that provider names it. */
  model: z.string().min(1, "must name a model"),
  /** Portkey's virtual key for this provider; else `VIRTUAL_KEY`. */
  virtual_key: z.string().min(1).optional(),
  /** The provider's own key, sent as the bearer token. */
  api_key: z.string().min(1).optional(),
  /** Share of the calls that try this entry first; where no entry has one, they are tried in order. */
  weight: z.number().positive("must be greater than 0").optional(),
  /** Request fields that replace the call's own, such as `{"temperature":0}`. */
  override_params: z.record(z.string(), z.unknown()).optional(),
  /** Base URL of the provider's API, for a model server behind a gateway of your own. */
  custom_host: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).optional(),
});

export type FallbackEntry = z.infer<typeof fallbackEntrySchema>;
