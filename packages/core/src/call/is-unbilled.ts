import type { ModelError } from "../errors/index.ts";

/**
 * Whether a request is known to have cost nothing: it was refused, or not sent. A request that was aborted, timed
 * out or lost its connection before its response began may still be charged.
 *
 * @param status - Status of the response, if one had begun.
 */
export function isUnbilled(status: number | undefined, error: ModelError | undefined): boolean {
  if (!error) return false;
  return status === undefined ? error.response === undefined : status >= 400;
}
