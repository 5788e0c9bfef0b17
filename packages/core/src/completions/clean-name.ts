import { redactSecrets } from "../errors/secrets.ts";

/** Maximum characters of an id or a name from a server. */
export const maxName = 256;

/** A finish reason that records accept: a server's own reason could have any length, or contain a key. */
export const reasonPattern = /^[a-z_]{1,40}$/i;

/** Secrets are longer than their replacement: this many characters contain the beginning of the name without them. */
const maxRead = 64 * maxName;

/** A name from a server, cut to the maximum, with keys removed. */
export function cleanName(name: string): string {
  return redactSecrets(name.slice(0, maxRead)).slice(0, maxName);
}
