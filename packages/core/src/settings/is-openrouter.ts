import { ArgumentError } from "../errors/argument-error.ts";

/**
 * Whether a URL is OpenRouter's, not that of another server with the same API.
 *
 * @throws {ArgumentError} for a value that is no URL
 */
export function isOpenRouter(url: string): boolean {
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw ArgumentError.of(
      "isOpenRouter(): url",
      url,
      "a URL such as https://openrouter.ai/api/v1",
    );
  }
  const { hostname } = new URL(url);
  return hostname === "openrouter.ai" || hostname.endsWith(".openrouter.ai");
}
