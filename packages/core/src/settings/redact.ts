import { ArgumentError } from "../errors/argument-error.ts";
import { redactSecrets, registerSecret, registerSecretHeaders } from "../errors/secrets.ts";
import type { Settings } from "./settings.ts";

/**
 * Replaces every secret of the settings, and all others that the process knows, in a text. From then on
 * they are taken out of all errors too.
 */
export function createRedactor(settings: Settings): (text: string) => string {
  if (!Array.isArray(settings?.fallbacks)) {
    throw ArgumentError.of(
      "createRedactor(): settings",
      settings,
      "what resolveSettings() returns",
    );
  }
  const { openRouterApiKey, portkeyApiKey, virtualKey, fallbacks, headers } = settings;
  const ofEntries = fallbacks.flatMap((entry) => [entry.api_key, entry.virtual_key]);
  for (const secret of [openRouterApiKey, portkeyApiKey, virtualKey, ...ofEntries]) {
    registerSecret(secret);
  }
  registerSecretHeaders(headers);
  return redactSecrets;
}
