import { redactSecrets } from "../errors/secrets.ts";

/** Characters of an id or a name that a server gives. */
export const maxName = 256;

/** A finish reason that records take: one of a server's own could be of any length, or quote a key. */
export const reasonPattern = /^[a-z_]{1,40}$/i;

/** Secrets are longer than what replaces them: so much holds the name's beginning without them. */
const maxRead = 64 * maxName;

/** A server's name for something, without the rest of a long one, and without a key that it quotes. */
export function cleanName(name: string): string {
  return redactSecrets(name.slice(0, maxRead)).slice(0, maxName);
}
