import { awaitAllCallbacks } from "@langchain/core/callbacks/promises";
import { ChatOpenAI, type ChatOpenAICallOptions, type ChatOpenAIFields } from "@langchain/openai";
import { describe, expect, test } from "vitest";
import { Orchestra } from "../../orchestra.ts";
import type { Json } from "./openai-completion.ts";
import { startOpenAIServer, type Answer, type OpenAIServer, type WireRequest } from "./openai-server.ts";
import { plain } from "./plain.ts";

export type Side = "ChatOpenAI" | "RoleModel";

/** The environment of one case: a server, and chat models of one side. */
export interface Bench {
  readonly side: Side;
  readonly server: OpenAIServer;
  readonly create: (fields?: ChatOpenAIFields) => ChatOpenAI;
}

/** One behaviour of `ChatOpenAI` that the role model must have too. */
export interface ParityCase {
  readonly name: string;
  readonly fields?: ChatOpenAIFields;
  /** The server's answer. @defaultValue a short text */
  readonly answer?: Answer | ((body: Json, place: number) => Answer);
  /** The caller's code, and what it observes. @defaultValue `model.invoke("Hi")` */
  readonly run?: (model: ChatOpenAI, bench: Bench) => unknown;
  /** Whether the run must reject; `status` and `lc_error_code` are then compared. */
  readonly rejects?: boolean;
  /** Fields that every request body must have. */
  readonly body?: Json;
  /** Request fields that must be absent. */
  readonly without?: readonly string[];
  /** Headers of the caller, and the query, that every request must have. */
  readonly headers?: Json;
  readonly query?: string;
  /** Number of requests. @defaultValue `1` */
  readonly requests?: number;
  /** Whether the role model may request a correction of the answer; only its first request counts then. */
  readonly repairs?: boolean;
  /** What the caller must observe. */
  readonly sees?: unknown;
}

/** An option of a call, and the request fields that it must cause. */
export function sent(
  name: string,
  options: Partial<ChatOpenAICallOptions>,
  body: Json,
  more: Partial<ParityCase> = {},
): ParityCase {
  return { name, run: (model) => model.invoke("Hi", options), body, ...more };
}

interface Observation {
  readonly requests: readonly WireRequest[];
  readonly seen: unknown;
}

/**
 * A caller that switches from `ChatOpenAI` to a role model loses nothing. Each case has two tests: the first
 * shows that `ChatOpenAI` behaves as the case says; the second that the role model does too, and that it sends
 * the same request and returns the same as `ChatOpenAI`.
 */
export function describeParity(topic: string, cases: readonly ParityCase[]): void {
  describe(`${topic}, compared with ChatOpenAI`, () => {
    test.each(cases)("ChatOpenAI: $name", async (parityCase) => {
      expect(outcome(parityCase, await referenceOf(parityCase))).toMatchObject(goal(parityCase));
    });
    test.each(cases)("RoleModel: $name", async (parityCase) => {
      const role = await observe("RoleModel", parityCase);
      expect(outcome(parityCase, role)).toMatchObject(goal(parityCase));
      const { requests, seen } = await referenceOf(parityCase);
      expect(role.requests.map((request) => comparable(request, requests[0]))).toEqual(
        requests.map((request) => comparable(request, requests[0])),
      );
      expect({ seen: role.seen }).toMatchObject({ seen });
    });
  });
}

const references = new Map<ParityCase, Promise<Observation>>();

/** The behavior of `ChatOpenAI`; observed once, for both tests. */
function referenceOf(parityCase: ParityCase): Promise<Observation> {
  const reference = references.get(parityCase) ?? observe("ChatOpenAI", parityCase);
  references.set(parityCase, reference);
  return reference;
}

/** The assertions of a case about the outcome. */
function goal(parityCase: ParityCase) {
  const { body = {}, headers = {}, query, requests = 1, sees } = parityCase;
  const request = { body, headers, ...(query === undefined ? {} : { query }) };
  return {
    requests: Array.from({ length: requests }, () => request),
    unexpectedFields: [],
    ...(sees === undefined ? {} : { seen: sees }),
  };
}

function outcome({ without = [] }: ParityCase, { requests, seen }: Observation) {
  return {
    requests: requests.map((request) => ({ ...request, query: queryOf(request) })),
    unexpectedFields: without.filter((name) => requests.some(({ body }) => name in body)),
    seen,
  };
}

async function observe(side: Side, parityCase: ParityCase): Promise<Observation> {
  const { fields, answer, rejects = false, run = (model) => model.invoke("Hi") } = parityCase;
  const reply = typeof answer === "function" || answer === undefined ? answer : () => answer;
  await using server = await startOpenAIServer(reply);
  const create = creatorOf(side, server.url);
  let result: unknown;
  if (rejects) {
    const promise = Promise.resolve().then(() => run(create(fields), { side, server, create }));
    result = await promise.then(unexpected, errorParts);
  } else {
    result = await run(create(fields), { side, server, create });
  }
  await awaitAllCallbacks();
  const isRepaired = parityCase.repairs === true && side === "RoleModel";
  const requests = isRepaired ? server.requests.slice(0, 1) : [...server.requests];
  return { requests, seen: isRepaired ? withFirstId(plain(result)) : plain(result) };
}

/** The server gives all calls the same id; the second one gets another. */
function withFirstId(value: unknown): unknown {
  return JSON.parse((JSON.stringify(value) ?? "null").replaceAll(/call_[0-9a-f]{32}/g, "call_1"));
}

function unexpected(value: unknown): never {
  throw new Error(`The call succeeded, a failure was expected: ${JSON.stringify(plain(value))}`);
}

function errorParts(error: unknown) {
  const { status, lc_error_code } = error as { status?: unknown; lc_error_code?: unknown };
  return { status, lc_error_code };
}

/** Creates chat models of one side. A case that sets `configuration` keeps the server's URL. */
export function creatorOf(side: Side, url: string): Bench["create"] {
  const model = "openai/gpt-4o";
  if (side === "RoleModel") {
    const orchestra = createOrchestra(url);
    return (fields) => {
      // The contract: `modelFor` takes every field of ChatOpenAI and returns a ChatOpenAI.
      const modelFor = orchestra.modelFor.bind(orchestra) as (role: string, fields: object) => object;
      return modelFor("writer", { model, ...fields }) as ChatOpenAI;
    };
  }
  return (fields) =>
    new ChatOpenAI({
      model,
      apiKey: "sk-or-v1-test-0123456789",
      maxRetries: 0,
      ...fields,
      configuration: { baseURL: url, logLevel: "off", ...fields?.configuration },
    });
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/** An orchestra on a server of the test. It does not retry and has no limits. */
export function createOrchestra(url: string): Orchestra {
  return new Orchestra({
    logger: silent,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      LLM_MAX_RETRIES: "0",
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.01",
      LLM_REQUEST_TIMEOUT: "30",
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_REQUESTS_PER_DAY: "none",
    },
  });
}

function queryOf({ path }: WireRequest): string {
  return path.split("?")[1] ?? "";
}

/** Differences that Orchestra makes to a request by design. */
const orchestraFields = ["session_id", "stream", "stream_options", "usage"];

/** A request without Orchestra's additions: its own fields, and a limit of tokens if the caller sets none. */
function comparable(request: WireRequest, reference: WireRequest | undefined) {
  const added = ["max_tokens", "max_completion_tokens"].filter(
    (name) => !(name in (reference?.body ?? {})),
  );
  const ignored = new Set([...orchestraFields, ...added]);
  const body = Object.fromEntries(
    Object.entries(request.body).filter(([name]) => !ignored.has(name)),
  );
  return { headers: request.headers, query: queryOf(request), body: withoutDecoration(body) };
}

/** Titles and the dialect of schemas have no meaning for a model; the role model explains JSON mode to it. */
function withoutDecoration(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isJsonInstruction(item)).map(withoutDecoration);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(
    ([name, inner]) => name !== "$schema" && !(name === "title" && typeof inner === "string"),
  );
  return Object.fromEntries(fields.map(([name, inner]) => [name, withoutDecoration(inner)]));
}

function isJsonInstruction(item: unknown): boolean {
  const { content } = (item ?? {}) as { readonly content?: unknown };
  return typeof content === "string" && content.startsWith("Answer with one JSON object");
}
