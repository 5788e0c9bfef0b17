import { timingSafeEqual } from "node:crypto";
import { ApiError } from "../errors/api-error.ts";

/** The longest key, in bytes. */
const maxLength = 256;

/** Keys that clients may have. All are compared at one length, so that the time says nothing of them. */
export class Keys {
  readonly #keys: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#keys = keys.map(padded);
  }

  /**
   * @param authorization - The header of a request.
   * @throws {ApiError} where it has none of the keys
   */
  check(authorization: string | undefined): void {
    if (this.#keys.length === 0) return;
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) {
      throw refusal("The request has no key. Send one as the header Authorization: Bearer <key>.");
    }
    if (key.length > maxLength || !this.#has(padded(key))) {
      throw refusal("The key is not one of the server's (ORCHESTRA_SERVER_KEYS).");
    }
  }

  /** Looks at all of them, so that the time does not tell which one it was. */
  #has(given: Buffer): boolean {
    let isKnown = false;
    for (const key of this.#keys) isKnown = timingSafeEqual(key, given) || isKnown;
    return isKnown;
  }
}

/** The key, with zeros behind it. */
function padded(key: string): Buffer {
  const buffer = Buffer.alloc(maxLength);
  buffer.write(key, "latin1");
  return buffer;
}

function refusal(message: string): ApiError {
  return new ApiError(message, {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    headers: { "www-authenticate": "Bearer" },
  });
}
