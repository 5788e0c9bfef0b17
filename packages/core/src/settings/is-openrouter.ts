/** Whether a URL is OpenRouter's, not that of another server with the same API. */
export function isOpenRouter(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "openrouter.ai" || hostname.endsWith(".openrouter.ai");
}
