import { z } from "zod";
import { reservedNames } from "../completions/request/openrouter-request.ts";
import { didYouMean, nearestName } from "../errors/explain-issue.ts";
import { portkeyProviders } from "./portkey-providers.ts";
import { httpUrl, key } from "./schemas.ts";

/** One entry of `PORTKEY_FALLBACKS`. */
export const fallbackEntrySchema = z.lazy(() =>
  z.strictObject(
    {
      /** Portkey's slug of the provider, such as `openai`, or a catalog name such as `@openai-prod`. */
      provider: z
        .string("must name a provider")
        .refine((slug) => portkeyProviders.has(slug) || /^@[a-z0-9][a-z0-9._-]*$/i.test(slug), {
          error: ({ input }) =>
            `is not a provider of Portkey (openai, anthropic, google, openrouter, …) or a catalog name of the form @slug${didYouMean(providerMeant(String(input)))}`,
        }),
      /** Model, as that provider names it. */
      model: z.string("must name a model").regex(/\S/, "must name a model"),
      /** Portkey's virtual key for this provider. @defaultValue `VIRTUAL_KEY` */
      virtual_key: key.optional(),
      /** The provider's own key, sent as the bearer token. */
      api_key: key.optional(),
      /** Share of the calls that try this entry first; without weights the entries are tried in order. */
      weight: z.number("must be a number").positive("must be greater than 0").optional(),
      /** Request fields that replace the call's own, such as `{"temperature":0}`. */
      override_params: z
        .record(z.string(), z.unknown(), "must be a JSON object")
        .superRefine((fields, context) => {
          const reserved = Object.keys(fields).filter((name) => reservedNames.has(name));
          for (const name of reserved) {
            const own = name === "model" ? ": set the model of the entry" : "";
            const message = `cannot be set this way${own}`;
            context.addIssue({ code: "custom", path: [name], message });
          }
        })
        .optional(),
      /** Base URL of the provider's API, for a model server behind a self-hosted gateway. */
      custom_host: httpUrl.optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined) },
  ),
);

/** The provider that a slug most likely means: some have longer names at Portkey, such as `mistral-ai`. */
function providerMeant(slug: string): string | undefined {
  const names = [...portkeyProviders];
  return names.find((name) => name.startsWith(`${slug}-`)) ?? nearestName(slug, names);
}

export type FallbackEntry = Readonly<z.infer<typeof fallbackEntrySchema>>;
