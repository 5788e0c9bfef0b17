import type { Settings } from "./settings.ts";

const keyLike = /\b(sk|pk)-[A-Za-z0-9_-]{8,}/g;

/** Replaces everything that looks like a key in a text. */
export function redactKeys(text: string): string {
  return text.replaceAll(keyLike, "$1-[redacted]");
}

/** Replaces every secret of the settings, and everything that looks like a key, in a text. */
export function createRedactor(settings: Settings): (text: string) => string {
  const secrets = secretsOf(settings).toSorted((a, b) => b.length - a.length);
  return (text) => {
    let safe = text;
    for (const secret of secrets) safe = safe.replaceAll(secret, "[redacted]");
    return redactKeys(safe);
  };
}

/** Shorter ones could be ordinary words; replacing them would garble the text. */
const minSecretLength = 6;

function secretsOf(settings: Settings): string[] {
  const perEntry = settings.fallbacks.flatMap((entry) => [entry.api_key, entry.virtual_key]);
  const authorization = Object.entries(settings.headers)
    .filter(([name]) => /authorization|key|token|secret/i.test(name))
    // The part after the scheme, as in "Bearer …", is a secret too.
    .flatMap(([, value]) => [value, value.split(" ").at(-1)]);
  return [
    settings.openRouterApiKey,
    settings.portkeyApiKey,
    settings.virtualKey,
    ...perEntry,
    ...authorization,
  ]
    .filter((secret) => secret !== undefined && secret.length >= minSecretLength)
    .flatMap(inJsonToo);
}

/** A log line holds a secret as JSON writes it. */
function inJsonToo(secret: string | undefined = ""): string[] {
  const escaped = JSON.stringify(secret).slice(1, -1);
  return escaped === secret ? [secret] : [secret, escaped];
}
