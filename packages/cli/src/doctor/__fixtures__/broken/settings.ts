import { fallbacks, openAi } from "./gateway.ts";
import { elsewhere, type BrokenState } from "./state.ts";

export const settingsStates: readonly BrokenState[] = [
  ["settings/api-key: missing", "OPENROUTER_API_KEY is not set", () => ({})],
  [
    "settings/api-key: placeholder",
    "placeholder",
    () => ({ OPENROUTER_API_KEY: "sk-or-your-api-key" }),
  ],
  ["settings/api-key: invalid", "a space", () => ({ OPENROUTER_API_KEY: "sk-or-v1 0123456789" })],
  [
    "settings/api-key: other-service",
    "does not look like",
    () => ({ OPENROUTER_API_KEY: "sk-proj-0123456789abcdef" }),
  ],
  [
    "settings/values: invalid",
    "LLM_MAX_RETRIES is not a number",
    () => ({ ...elsewhere, LLM_MAX_RETRIES: "many" }),
  ],
  [
    "settings/values: invalid",
    "AGENT_MODEL_MAP is not valid JSON",
    () => ({ ...elsewhere, AGENT_MODEL_MAP: "{researcher: x}" }),
  ],
  [
    "settings/values: invalid",
    "DATABASE_URL",
    () => ({ ...elsewhere, DATABASE_URL: "mysql://localhost/x" }),
  ],
  [
    "settings/names: misspelt",
    "Did you mean OPENROUTER_DEFAULT_MODEL?",
    () => ({ ...elsewhere, OPENROUTER_DEFUALT_MODEL: "openai/gpt-4o" }),
  ],
  [
    "settings/roles: misspelt",
    "Did you mean researcher?",
    () => ({ ...elsewhere, AGENT_MODEL_MAP: '{"reseacher":"openai/gpt-4o"}' }),
  ],
  [
    "settings/portkey: no-v1",
    "does not end with /v1",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks(openAi),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:9",
    }),
  ],
  [
    "settings/portkey: hosted-only",
    "@openai-prod has a catalog name",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks({ provider: "@openai-prod", model: "gpt-4o" }),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:2/v1",
    }),
  ],
  [
    "settings/portkey: unused",
    "no request goes through it",
    () => ({ ...elsewhere, PORTKEY_API_KEY: "pk-0123456789" }),
  ],
];
