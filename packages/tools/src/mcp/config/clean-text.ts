import { escapeControls, secrets } from "@orchestra/core/extend";

/** Maximum characters of a server's text in a message. */
const maxLength = 2_000;
/** Shorter values are parts of words: removing them would damage every text. */
const minLength = 3;

/**
 * Removes secrets from the texts of one server, and limits their length, because a server's standard
 * error or answers may contain values from its config. Escapes control characters, except line breaks.
 */
export function textCleaner(ownSecrets: readonly string[]): (text: string) => string {
  const own = ownSecrets
    .filter(({ length }) => length >= minLength)
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    // A secret may begin before the cut and end after it.
    let clean = text.slice(0, 2 * maxLength).toWellFormed();
    for (const value of own) clean = clean.replaceAll(value, "[redacted]");
    clean = escapeControls(secrets.redactSecrets(clean), "\n");
    return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength).toWellFormed()}…`;
  };
}
