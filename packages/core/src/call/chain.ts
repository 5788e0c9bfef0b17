import type { Answer, EndHandler, SendOptions, WholeAnswer } from "../completions/index.ts";
import { ArgumentError, toModelError } from "../errors/index.ts";
import { orderByWeight, type Route } from "../routes/index.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import type { Attempt } from "./attempt.ts";
import type { CallContext, CallInput, CallPlan } from "./call-context.ts";
import { endFailed } from "./call-failure.ts";
import { CallLog } from "./call-log.ts";
import { requireContent } from "./require-content.ts";
import type { NamedTimeouts } from "./timeouts.ts";

/**
 * Makes an attempt: returns the whole answer, or a stream whose first token has arrived.
 *
 * Rejects only with a {@link ModelError} or with the signal's reason.
 */
export type Send<T extends Answer = Answer> = (attempt: Attempt) => Promise<T>;

/**
 * One part of a call: wraps the sending of its attempts. It is called once for each call, so
 * variables of the function belong to that call.
 *
 * @param next - Makes the attempt, with all the policies inside this one.
 */
export type Policy = <T extends Answer>(next: Send<T>, call: CallContext) => Send<T>;

/** @param isStream - Whether the caller reads the answer as a stream. */
export function startCall(plan: CallPlan, input: CallInput, isStream: boolean): CallContext {
  const { role, routes, services } = plan;
  const { request, scope, attemptMs } = input;
  const { messages, user } = request;
  const last = messages.at(-1)?.content;
  // Unusual results are checked more carefully.
  if (!last || typeof last !== "string" || last.trim() === "") requireContent(messages);
  const [{ model, gatewayFallbacks }] = routes;
  const log = new CallLog(role, { model, messages, user }, scope, services);
  if (gatewayFallbacks) log.fallbacks = gatewayFallbacks;
  return {
    ...plan,
    ...input,
    isStream,
    routes: routes.length > 2 ? inOrder(routes, services.random) : routes,
    timeouts: attemptMs === undefined ? plan.timeouts : withAttemptMs(plan.timeouts, attemptMs),
    log,
  };
}

function withAttemptMs(timeouts: NamedTimeouts, attemptMs: number): NamedTimeouts {
  const names = { ...timeouts.names, attemptMs: "the timeout of the call" };
  return { ...timeouts, attemptMs, names };
}

function inOrder(
  [primary, ...fallbacks]: CallPlan["routes"],
  random: () => number,
): CallPlan["routes"] {
  return [primary, ...orderByWeight(fallbacks, random)];
}

/**
 * Wraps a sender into the policies of a call, the first one outermost. The result makes attempts
 * until one succeeds.
 */
export function composeChain<T extends Answer>(
  policies: readonly Policy[],
  call: CallContext,
  sender: Send<T>,
): Send<T> {
  let send = sender;
  for (let index = policies.length - 1; index >= 0; index -= 1) {
    const policy = policies[index];
    if (policy) send = policy(send, call);
  }
  return send;
}

/**
 * @param route - The first route. @defaultValue the role's own model
 * @param signal - Aborts the attempts. @defaultValue the caller's
 */
export function firstAttempt(
  call: CallContext,
  route: Route = call.routes[0],
  signal: AbortSignal | undefined = call.signal,
): Attempt {
  return {
    route,
    request: call.request,
    // A single one for all calls would have the listeners of all, and Node.js searches through them for each new one.
    signal: signal ?? new AbortController().signal,
    waitedMs: 0,
    rateLimitedMs: 0,
    isRepair: false,
    isLastRoute: call.routes.length === 1,
    keepsJson: call.keepsJson,
  };
}

/** The options of the request of an attempt, for the sender at the end of the chain. */
export function sendOptions(
  { route, request, signal, progress, onText, check, keepsJson }: Attempt,
  { scope, headers, services, streamUpstream = true }: CallContext,
): SendOptions {
  const own = route.headers?.(scope.traceId);
  return {
    request,
    headers: own && headers ? { ...own, ...headers } : (headers ?? own),
    signal,
    clock: services.clock,
    progress,
    onText,
    streamUpstream: streamUpstream && route.streamUpstream,
    check,
    keepsJson,
  };
}

/** Metadata of responses that a user's policy replaced by an error, by that error. */
export const responses = new WeakMap<object, ResponseMetadata>();

/**
 * Handles the end of an attempt: at once for a whole answer or a failure, and for a stream when it
 * ends. The result of the handler replaces the metadata for the outer policies.
 *
 * @param signal - That of the attempt: its reason may be the error of another call, with another response.
 */
export async function onRequestEnd<T extends Answer>(
  sent: Promise<T>,
  handle: EndHandler,
  signal?: AbortSignal,
): Promise<T> {
  if (typeof handle !== "function") {
    throw ArgumentError.of("onRequestEnd(): handle", handle, "a function");
  }
  let answer: T;
  try {
    answer = await sent;
    if (!answer?.kind || !answer.metadata) {
      throw new TypeError("The route returned no answer: expected a completion or a stream");
    }
  } catch (thrown) {
    const known = toModelError(thrown);
    const error = thrown === signal?.reason ? known.withResponse(undefined) : known;
    const shown = error.response ?? responses.get(Object(thrown) as object) ?? {};
    const metadata = await handle({ metadata: shown, error });
    // A request that was not sent has no response.
    throw metadata && metadata !== shown ? error.withResponse(metadata) : thrown;
  }
  if (answer.kind === "stream") {
    answer.onEnd(handle);
    return answer;
  }
  const metadata = await handle({ metadata: answer.metadata });
  if (!metadata) return answer;
  const { kind, completion } = answer;
  return { kind, completion, metadata } satisfies WholeAnswer as T;
}

/**
 * Ends a call that failed.
 *
 * @returns the error for the caller
 */
export async function failCall(call: CallContext, error: unknown): Promise<unknown> {
  const { log, signal } = call;
  if (log.openAttempts > 0) await log.idle();
  closeCall(call);
  // Without await, the stack of the error would not lead to the caller.
  return await endFailed(log, error, signal);
}

/** This call makes no further request. */
export function closeCall({ log, scope, services: { budget } }: CallContext): void {
  void budget?.close("call", log.id).catch(() => undefined);
  if (scope.isOneCall) void budget?.close("run", scope.runId).catch(() => undefined);
}
