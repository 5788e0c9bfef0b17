import type { IncomingHttpHeaders } from "node:http";
import type { OpenEntry } from "../books/books.ts";
import type { Generation } from "../wire/generation.ts";
import type { JsonObject } from "../wire/chat-request.ts";
import { fingerprintOf } from "./api-key.ts";

/** Begins the entry of a request, of which only the headers have been read. */
export function openEntry(
  route: OpenEntry["route"],
  id: string,
  key: string,
  headers: IncomingHttpHeaders,
  nowMs: number,
): OpenEntry {
  return {
    id,
    route,
    modelAsked: "",
    modelServed: "",
    provider: "",
    stream: false,
    status: 0,
    promptTokens: 0,
    completionTokens: 0,
    cachedTokens: 0,
    reasoningTokens: 0,
    costUsd: 0,
    apiKey: fingerprintOf(key),
    headers: selectHeaders(headers),
    body: {},
    startedAt: nowMs,
    aborted: false,
  };
}

/** Writes the content of the request into the entry. */
export function recordBody(entry: OpenEntry, body: JsonObject): void {
  entry.body = body;
  entry.modelAsked = typeof body.model === "string" ? body.model : "";
  entry.stream = body.stream === true;
}

/**
 * Writes the usage of the answer, and its price: OpenRouter charges nothing for an answer that fails or is
 * empty. The servers of other dialects charge what they report.
 */
export function recordGeneration(
  entry: OpenEntry,
  { usage, finishReason, format }: Generation,
): void {
  if (usage === undefined) return;
  entry.promptTokens = usage.promptTokens;
  entry.completionTokens = usage.completionTokens;
  entry.cachedTokens = usage.cachedTokens;
  entry.reasoningTokens = usage.reasoningTokens;
  const isFree = finishReason === "error" && format === "openrouter";
  entry.costUsd = isFree ? 0 : usage.costUsd;
}

const SELECTED = new Set(["http-referer", "x-title", "x-openrouter-title", "x-session-id"]);

function selectHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const selected: Record<string, string> = {};
  for (const name in headers) {
    if (!SELECTED.has(name) && !name.startsWith("x-portkey-")) continue;
    const value = headers[name];
    if (typeof value !== "string") continue;
    // The gateway's own key is a secret, like the provider's.
    selected[name] = name === "x-portkey-api-key" ? fingerprintOf(value) : value;
  }
  return selected;
}
