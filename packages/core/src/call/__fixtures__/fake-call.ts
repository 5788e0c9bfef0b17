import { FakeClock } from "../../clock/fake-clock.ts";
import { completion, usage } from "../../completions/__fixtures__/completions.ts";
import {
  asChunks,
  documentSource,
  OpenStream,
  ResponseState,
  type Answer,
  type Completion,
  type CompletionChunk,
  type WholeAnswer,
} from "../../completions/index.ts";
import {
  defaultRetryableKinds,
  ModelError,
  type ErrorKind,
  type ModelErrorDetails,
} from "../../errors/index.ts";
import { CircuitBreakers } from "../../resilience/circuit-breaker/index.ts";
import type { RetryPolicy } from "../../resilience/index.ts";
import { OpenRouterApi, type Route } from "../../routes/index.ts";
import { RouteMemory } from "../../routes/route-memory.ts";
import type { OrchestraEvent, ResponseMetadata } from "../../usage/index.ts";
import type { Attempt } from "../attempt.ts";
import type { CallContext } from "../call-context.ts";
import { firstAttempt, type Policy, type Send } from "../chain.ts";
import { CallLog } from "../call-log.ts";
import { Reconciler } from "../reconciler.ts";
import type { CallServices } from "../services.ts";

/** The settings' defaults. */
export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 4,
  initialIntervalMs: 1000,
  maxIntervalMs: 60_000,
  backoffFactor: 2,
  retryOn: new Set(defaultRetryableKinds),
};

/** A route that sends nothing: the test's `next` answers instead. */
export function fakeRoute(model: string, fields: Partial<Route> = {}): Route {
  const info = { structuredOutputMethod: "jsonSchema", isFree: false } as const;
  const refuse = () => Promise.reject(new Error(`The route of ${model} sends nothing`));
  return {
    model,
    via: "openrouter",
    countsAgainstAccount: true,
    streamUpstream: true,
    memory: new RouteMemory(),
    adapt: (request) => ({ ...request, model }),
    structuredOutputMethod: () => "jsonSchema",
    modelInfo: () => Promise.resolve(info),
    cachedModelInfo: () => info,
    sendCompletion: refuse,
    openStream: refuse,
    ...fields,
  };
}

export interface FakeCallFields extends Partial<Omit<CallContext, "services" | "log">> {
  readonly services?: Partial<CallServices>;
}

const noAnswer = () => Promise.resolve(Response.json({}, { status: 404 }));

/** A call on a fake clock, with two routes, `a` and `b`, and the events that it has emitted. */
export function fakeCall({ services, ...fields }: FakeCallFields = {}) {
  const clock = new FakeClock(0);
  const events: OrchestraEvent[] = [];
  let ids = 0;
  const api = new OpenRouterApi({ baseUrl: "", apiKey: undefined, clock, fetch: noAnswer });
  const all: CallServices = {
    clock,
    random: () => 0.5,
    createId: () => `id-${(ids += 1)}`,
    emit: (event) => events.push(event),
    keepsContent: false,
    toolLimits: { clock, timeoutMs: 1000, maxResult: 1000, redact: (text) => text },
    fallbackRules: { allowsPaid: false, allowsRefused: false },
    nearestModels: async () => [],
    account: { all: { mayLimit: false } } as CallServices["account"],
    needsPrices: false,
    countsTokens: false,
    breakers: new CircuitBreakers({ clock }),
    reconciler: new Reconciler({ api, clock, maxBytes: 2 ** 20 }),
    ...services,
  };
  const plan = {
    role: "researcher",
    routes: [fakeRoute("a"), fakeRoute("b")] as const,
    retryPolicy: defaultRetryPolicy,
    timeouts: { attemptMs: 30_000 },
    priority: 0,
    maxRestarts: 0,
    request: { model: "a", messages: [{ role: "user", content: "Hi" }] } as const,
    scope: { runId: "run", traceId: "trace", onEvent: undefined },
    isStream: false,
    ...fields,
  };
  const log = new CallLog(plan.role, plan.request, plan.scope, all);
  const call: CallContext = { ...plan, services: all, log };
  const of = (type: OrchestraEvent["type"]) => events.filter((event) => event.type === type);
  return { call, clock, events, of };
}

/** The failure of an attempt, as the sender throws it. */
export function failure(kind: ErrorKind, details: Partial<ModelErrorDetails> = {}): ModelError {
  return new ModelError(`a ${kind}`, { kind, ...details });
}

/** A whole answer. @param content - Its text. */
export function answer(content = "answer", metadata: ResponseMetadata = answered): WholeAnswer {
  const message = { role: "assistant", content, refusal: null };
  return { kind: "whole", completion: completion({ message }), metadata };
}

/** The metadata of a successful response. */
export const answered: ResponseMetadata = { status: 200, usage, costSource: "server" };

/** The result of an attempt: an answer, or the error that is thrown. */
type Step = Answer | Error | ((attempt: Attempt) => Promise<Answer>);

/** Wraps a policy around a `next` that follows a script, and records the attempts that it gets. */
export function runPolicy(policy: Policy, call: CallContext, script: readonly Step[] = []) {
  const attempts: { readonly at: number; readonly attempt: Attempt }[] = [];
  const next: Send = (attempt) => {
    const step = script[attempts.length] ?? answer();
    attempts.push({ at: call.services.clock.now(), attempt });
    if (typeof step === "function") return step(attempt);
    return step instanceof Error ? Promise.reject(step) : Promise.resolve(step);
  };
  const send = policy(next, call);
  const run = (fields: Partial<Attempt> = {}) => send({ ...firstAttempt(call), ...fields });
  return { attempts, next, send, run };
}

/** The reason with which a promise rejects; `undefined` if it resolves. */
export function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

interface OpenedStreamFields {
  readonly completion?: Completion | undefined;
  readonly signal?: AbortSignal;
  readonly metadata?: ResponseMetadata;
}

/** A stream whose answer has arrived. It ends when its reader has read or left it. */
export function openedStream(call: CallContext, fields: OpenedStreamFields = {}): OpenStream {
  const { completion: whole = answer().completion, metadata, signal } = fields;
  const { clock } = call.services;
  const state = new ResponseState();
  state.readBody(whole);
  Object.assign(state.metadata, metadata);
  const options = { request: call.request, signal: signal ?? new AbortController().signal, clock };
  const source = documentSource(asChunks(whole));
  return new OpenStream([], source, options, state);
}

/** Reads a stream to its end. @returns its chunks */
export async function readAll(stream: OpenStream): Promise<CompletionChunk[]> {
  const all: CompletionChunk[] = [];
  for (let chunks = await stream.read(); chunks; chunks = await stream.read()) all.push(...chunks);
  return all;
}
