import { timingSafeEqual } from "node:crypto";
import type { KeyRing } from "@orchestra/runtime";
import { Client, unrestrictedClient } from "./client.ts";
import { keyError, missingKey } from "./key-error.ts";

/** The longest key, in bytes. */
const maxLength = 256;
/** The key of the request that is checked. It is reused: a new buffer would take longer than the check. */
const given = Buffer.alloc(maxLength);

export interface KeysOptions {
  /** Keys of `ORCHESTRA_SERVER_KEYS`, which have all permissions. */
  readonly keys: readonly string[];
  /** Keys of the database. */
  readonly ring?: KeyRing | undefined;
  /** Whether requests need a key even if there is none. */
  readonly areRequired: boolean;
}

/** The keys of clients: those of the settings, and those of the database. */
export class Keys {
  readonly #ofSettings: readonly Buffer[];
  readonly #ring: KeyRing | undefined;
  readonly #areRequired: boolean;

  constructor({ keys, ring, areRequired }: KeysOptions) {
    this.#ofSettings = keys.map((key) => writePadded(key, Buffer.alloc(maxLength)));
    this.#ring = ring;
    this.#areRequired = areRequired || keys.length > 0;
  }

  /**
   * @param authorization - The header of a request.
   * @throws {ApiError} if it contains none of the keys
   */
  check(authorization: string | undefined): Client {
    if (!this.#areRequired && !this.#ring?.areRequired) return unrestrictedClient;
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) throw missingKey();
    const found = this.#ring?.find(key);
    if (found) return new Client(found);
    if (this.#isOfSettings(key)) return unrestrictedClient;
    throw keyError(
      "The key is wrong, revoked or expired. Create one with orchestra keys create, or add one to ORCHESTRA_SERVER_KEYS.",
    );
  }

  /** Compares the whole length, and all keys, so that the time reveals nothing about the keys. */
  #isOfSettings(text: string): boolean {
    if (text.length > maxLength) return false;
    writePadded(text, given);
    let isKnown = false;
    for (const key of this.#ofSettings) isKnown = timingSafeEqual(key, given) || isKnown;
    return isKnown;
  }
}

/** Writes the key, padded with zeros. */
function writePadded(key: string, buffer: Buffer): Buffer {
  buffer.fill(0).write(key, "latin1");
  return buffer;
}
