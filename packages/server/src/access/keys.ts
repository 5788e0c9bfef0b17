import { createHash, timingSafeEqual } from "node:crypto";
import { ApiError } from "../errors/api-error.ts";

/** Keys that clients may have. Digests are compared: they are of one length, and comparing takes one time. */
export class Keys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digestOf);
  }

  /**
   * @param authorization - The header of a request.
   * @throws {ApiError} where it has none of the keys
   */
  check(authorization: string | undefined): void {
    if (this.#digests.length === 0) return;
    const [, key] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
    if (key === undefined) {
      throw refusal("The request has no key. Send one as the header Authorization: Bearer <key>.");
    }
    const digest = digestOf(key);
    let isKnown = false;
    // All of them, so that the time does not tell which one it was.
    for (const each of this.#digests) isKnown = timingSafeEqual(each, digest) || isKnown;
    if (!isKnown) throw refusal("The key is not one of the server's (ORCHESTRA_SERVER_KEYS).");
  }
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function refusal(message: string): ApiError {
  return new ApiError(message, {
    status: 401,
    type: "invalid_request_error",
    code: "invalid_api_key",
    headers: { "www-authenticate": "Bearer" },
  });
}
