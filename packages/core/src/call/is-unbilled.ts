/**
 * Whether a request has cost nothing: it was refused, or failed, was aborted or timed out before any
 * response had begun. OpenRouter begins its response as soon as a provider works on it.
 *
 * @param status - Of the response, if one had begun.
 */
export function isUnbilled(status: number | undefined, error: unknown): boolean {
  return error !== undefined && (status === undefined || status >= 400);
}
