import { invalidRequest } from "../errors/api-error.ts";
import type { ServerSettings } from "../server-settings.ts";
import { isLoopback } from "./is-loopback.ts";

/**
 * A name or an address, with or without a port. The header is part of the request's URL: with other characters, it
 * would change the path.
 */
const form = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/**
 * Creates the check of `Host` headers. A web page whose host name resolves to this machine (DNS rebinding) sends that
 * name in the header.
 */
export function hostCheck({
  host,
  allowedHosts,
}: ServerSettings): (given: string | undefined) => void {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));
  const isAnyAllowed = allowed.size === 0 && !isLoopback(host);
  /** Most clients send the same header with every request. */
  let lastAllowed: string | undefined;
  return (given) => {
    if (given === undefined) throw invalidRequest("The request has no Host header.");
    if (given === lastAllowed) return;
    if (!form.test(given) || !URL.canParse(`http://${given}`)) {
      throw invalidRequest("The Host header is not a name or an address, with or without a port.");
    }
    const name = given.replace(/:\d+$/, "").toLowerCase();
    if (isAnyAllowed || allowed.has(name) || isLoopback(name)) {
      lastAllowed = given;
      return;
    }
    throw invalidRequest(
      "The Host header has a name that the server does not answer to. Add the name to ORCHESTRA_SERVER_ALLOWED_HOSTS.",
      { status: 421, code: "host_not_allowed" },
    );
  };
}
