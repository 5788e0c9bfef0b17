import { escapeControls, secrets } from "@orchestra/core/extend";

/** Characters of a server's text that a message takes. */
const maxLength = 2_000;
/** Shorter values are parts of words: to take them out would garble every text. */
const minLength = 3;

/**
 * Takes secrets out of the texts of one server, and bounds them: what a server writes to standard
 * error or answers with may say what it was given. Escapes control characters, but for line breaks.
 */
export function textCleaner(ownSecrets: readonly string[]): (text: string) => string {
  const own = ownSecrets
    .filter(({ length }) => length >= minLength)
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    // A secret may begin before the end of what is kept, and end behind it.
    let clean = text.slice(0, 2 * maxLength).toWellFormed();
    for (const value of own) clean = clean.replaceAll(value, "[redacted]");
    clean = escapeControls(secrets.redactSecrets(clean), "\n");
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength).toWellFormed()}…`;
  };
}
