import type { ModelError } from "../errors/index.ts";

/**
 * Whether a request is known to have cost nothing: it was refused, or none was sent. One that was aborted,
 * timed out or lost its connection before its response began may be charged all the same.
 *
 * @param status - Of the response, if one had begun.
 */
export function isUnbilled(status: number | undefined, error: ModelError | undefined): boolean {
  if (!error) return false;
  return status === undefined ? error.response === undefined : status >= 400;
}
