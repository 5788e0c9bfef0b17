import type { CompletionChunk } from "../completions/index.ts";
import type { ModelError } from "../errors/index.ts";
import { isWorthFallback } from "../resilience/index.ts";
import type { Route } from "../routes/index.ts";
import type { CallContext } from "./call-context.ts";

/** Whether a broken stream may start again, after this number of restarts. */
export function canRestart(call: CallContext, error: ModelError, restarts: number): boolean {
  const { log, services, maxRestarts } = call;
  if (restarts === maxRestarts || !isWorthFallback(error)) return false;
  return log.admitted < (services.maxAttempts ?? Infinity);
}

/** The route after the one that broke; if there is only one, that one. */
export function routeAfter({ routes }: CallContext, broken: Route): Route {
  return routes[(routes.indexOf(broken) + 1) % routes.length] ?? routes[0];
}

export function emitRestart({ log }: CallContext, { kind, message }: ModelError): void {
  log.emit({ type: "restart", attempt: log.attempts.length, kind, message });
}

/** Tells readers that concatenate chunks to discard the text so far. */
export function restartMark(restart: number): CompletionChunk {
  const choices = [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }];
  return { object: "chat.completion.chunk", choices, restart } as unknown as CompletionChunk;
}

/** Whether a stream starts again with this chunk, so that the chunks before it are void. */
export function isRestart(chunk: CompletionChunk): boolean {
  return "restart" in chunk;
}
