/** Whether a URL leads to OpenRouter itself, and not to a server that stands in for it. */
export function isOpenRouter(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "openrouter.ai" || hostname.endsWith(".openrouter.ai");
}
