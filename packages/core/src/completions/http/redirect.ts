import { ModelError } from "../../errors/model-error.ts";

/**
 * The error of a redirect. Redirects are not followed: keys and prompts are sent only to the address in the settings.
 *
 * @param target - The address that the server names, or that a `fetch` has followed.
 */
export function redirectError(url: string, status: number, target: string | undefined): ModelError {
  const { origin, pathname } = new URL(url);
  return new ModelError(
    `The server redirects to ${originOf(target, url)} (${origin}${pathname} answers ${status}). Redirects are not followed, because keys and prompts go to no other address. Set the base URL to the address that answers.`,
    { kind: "invalid_response_error", reason: "redirect", status },
  );
}

/** The error of a 304, which a cache may send although the request has no condition. */
export function notModified(url: string): ModelError {
  const { origin, pathname } = new URL(url);
  return new ModelError(
    `The server answers 304 Not Modified instead of an answer (${origin}${pathname}). A cache in between causes this: exclude this address from it.`,
    { kind: "invalid_response_error", reason: "empty", status: 304 },
  );
}

/** The server chooses the path and the query of a target, so they may contain a key. */
function originOf(target: string | undefined, url: string): string {
  if (target === undefined) return "an address that it does not name";
  const { origin } = URL.parse(target, url) ?? {};
  return origin === undefined || origin === "null" ? "an address that is not valid" : origin;
}
