import type { Fields } from "@orchestra/core/extend";
import { createParser } from "eventsource-parser";

/** A server that requests are sent to. */
export interface Target {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
}

/** The answer to one request. */
export interface Observation {
  readonly status: number;
  /** The JSON document, or the events of a stream as a list; text that is not JSON as it is. */
  readonly body: unknown;
  /** Cost that the answer states, in US dollars; 0 if it states none. */
  readonly costUsd: number;
  readonly generationId?: string;
}

const timeoutMs = 60_000;

/** Requests a document. */
export async function get(target: Target, path: string, signal: AbortSignal): Promise<Observation> {
  return send(target, path, { method: "GET" }, signal);
}

/** Sends a chat completion for the model of the target. */
export async function post(
  target: Target,
  body: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<Observation> {
  const options = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: target.model, ...body }),
  };
  return send(target, "/chat/completions", options, signal);
}

async function send(
  { baseUrl, headers }: Target,
  path: string,
  options: { method: string; headers?: Record<string, string>; body?: string },
  signal: AbortSignal,
): Promise<Observation> {
  const response = await fetch(`${baseUrl}${path}`, {
    ...options,
    headers: { ...headers, ...options.headers },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.includes("event-stream") === true;
  const body = isStream ? readEvents(text) : parse(text);
  const generationId = response.headers.get("x-generation-id") ?? idOf(body);
  return {
    status: response.status,
    body,
    costUsd: costOf(body),
    ...(generationId === undefined ? {} : { generationId }),
  };
}

function readEvents(text: string): unknown[] {
  const events: unknown[] = [];
  const parser = createParser({
    onEvent: ({ data }) => events.push(data === "[DONE]" ? data : parse(data)),
  });
  parser.feed(text);
  return events;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function idOf(body: unknown): string | undefined {
  const [first] = [body].flat() as readonly (Fields | undefined)[];
  return typeof first?.["id"] === "string" ? first["id"] : undefined;
}

function costOf(body: unknown): number {
  const usages = ([body].flat() as readonly unknown[]).map(
    (event) => ((event ?? {}) as Fields)["usage"] as Fields | undefined,
  );
  const costs = usages.map((usage) => Number(usage?.["cost"] ?? 0));
  return costs.reduce((sum, cost) => sum + (Number.isFinite(cost) ? cost : 0), 0);
}
