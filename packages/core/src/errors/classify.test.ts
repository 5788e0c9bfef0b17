import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { ModelAbortError } from "@langchain/core/errors";
import { anything, assert, constantFrom, dictionary, oneof, property, string } from "fast-check";
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { describe, expect, test } from "vitest";
import * as bodies from "./__fixtures__/error-bodies.ts";
import {
  CallFailedError,
  classify,
  errorKinds,
  ModelError,
  SettingsError,
  StreamInterruptedError,
  toModelError,
} from "./index.ts";

const now = Date.UTC(2026, 10, 22, 23, 0, 0);

/** What the OpenAI client throws for an answer. */
const answer = (
  status: number,
  body?: object,
  headers: Record<string, string> = {},
  text?: string,
) => APIError.generate(status, body, text, new Headers(headers));

const read = (error: unknown) => {
  const { message, details } = toModelError(error, {}, now);
  return { message, reason: undefined, ...details };
};

describe("a status without a body", () => {
  test.each([
    [400, "invalid_request_error"],
    [401, "authentication_error"],
    [402, "insufficient_credits_error"],
    [403, "permission_error"],
    [404, "invalid_request_error"],
    [408, "timeout_error"],
    [409, "invalid_request_error"],
    [412, "invalid_request_error"],
    [413, "invalid_request_error"],
    [422, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "service_error"],
    [502, "service_error"],
    [503, "service_error"],
    [504, "service_error"],
    [524, "service_error"],
    [529, "service_error"],
  ] as const)("%i is a %s", (status, kind) => {
    expect(read(answer(status))).toMatchObject({ kind, status });
    expect(classify(answer(status))).toBe(kind);
    expect(classify({ status })).toBe(kind);
    // The same, as OpenRouter says it once the model has begun.
    expect(read({ error: { code: status, message: "No" } })).toMatchObject({ kind, status });
  });

  test("names itself by its status", () => {
    expect(read({ status: 503 }).message).toBe("HTTP 503");
    expect(read(answer(503)).message).toBe("503 status code (no body)");
  });

  test("does not repeat the whole of a web page", () => {
    const { message, kind } = read(answer(502, undefined, {}, `<html>${"x".repeat(100_000)}`));
    expect(kind).toBe("service_error");
    expect(message).toMatch(/^502 <html>x+…$/);
    expect(message.length).toBeLessThan(2100);
  });
});

describe("a body of OpenRouter's", () => {
  test.each([
    [
      "a provider's used up pool",
      429,
      bodies.sharedPool,
      {
        kind: "rate_limit_error",
        provider: "DeepInfra",
        limitSource: "upstream_provider_shared_pool",
        message: expect.stringMatching(/^Provider returned error: deepseek\/.* rate-limited/),
      },
    ],
    [
      "the same with the wait in the body",
      429,
      bodies.sharedPoolWithHints,
      { kind: "rate_limit_error", provider: "Venice", retryAfterMs: 17_000 },
    ],
    [
      "the minute's free calls",
      429,
      bodies.freePerMinute(now + 41_000),
      { kind: "rate_limit_error", retryAfterMs: 41_000 },
    ],
    [
      "the day's free calls",
      429,
      bodies.freePerDay(now + 3_600_000),
      {
        kind: "quota_error",
        reason: "daily_quota",
        retryAfterMs: 3_600_000,
        limitSource: "openrouter_free_tier_daily",
      },
    ],
    [
      "the day's free calls of a paying account",
      429,
      bodies.highBalancePerDay,
      { kind: "quota_error", reason: "daily_quota" },
    ],
    [
      "a balance that could not be looked up",
      429,
      bodies.admissionControl,
      {
        kind: "rate_limit_error",
        retryAfterMs: 10_000,
        limitSource: "openrouter_admission_control",
      },
    ],
    [
      "too large an answer for the balance",
      402,
      bodies.unaffordable,
      {
        kind: "insufficient_credits_error",
        reason: "unaffordable_max_tokens",
        affordableTokens: 10_114,
      },
    ],
    [
      "credit that is held by other calls",
      402,
      bodies.inFlight,
      {
        kind: "rate_limit_error",
        reason: "in_flight_budget",
        limitSource: "openrouter_in_flight_budget",
      },
    ],
    ["a key's limit", 402, bodies.keyLimit, { kind: "insufficient_credits_error" }],
    ["a key's limit as a 403", 403, bodies.keyLimit, { kind: "insufficient_credits_error" }],
    [
      "moderation",
      403,
      bodies.moderation,
      {
        kind: "permission_error",
        reason: "content_filter",
        message:
          "Your chosen model requires moderation and your input was flagged: violence, self-harm",
      },
    ],
    [
      "moderation that says why and nothing else",
      403,
      { error: { code: 403, message: "Forbidden", metadata: { reasons: ["hate"] } } },
      { kind: "permission_error", reason: "content_filter" },
    ],
    [
      "a provider that failed with a 404",
      404,
      bodies.transientNotFound,
      { kind: "service_error", provider: "Nvidia", message: "Provider returned error" },
    ],
    [
      "a missing key",
      401,
      { error: { code: 401, message: "Missing Authentication header" } },
      { kind: "authentication_error", message: "Missing Authentication header" },
    ],
    [
      "an unknown model",
      400,
      { error: { code: 400, message: "openai/gpt-9 is not a valid model ID" } },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "a model that no one serves",
      404,
      { error: { code: 404, message: "No endpoints found for a/b." } },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "a model that its provider does not serve now",
      404,
      {
        error: {
          code: 404,
          message: "Unavailable",
          availability: { code: "model_unavailable_upstream", retryable: false },
        },
      },
      { kind: "invalid_request_error", reason: "model_not_found" },
    ],
    [
      "used up capacity",
      429,
      {
        error: {
          code: 429,
          message: "Busy",
          availability: { code: "capacity_exhausted", retryable: true, retry_after: 5 },
        },
      },
      { kind: "rate_limit_error", retryAfterMs: 5000 },
    ],
    [
      "too long a context",
      400,
      {
        error: {
          code: 400,
          message:
            "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000 tokens",
        },
      },
      { kind: "invalid_request_error", reason: "context_length_exceeded" },
    ],
    [
      "too long a context, by its type",
      400,
      { error: { code: 400, message: "No", metadata: { error_type: "context_length_exceeded" } } },
      { kind: "invalid_request_error", reason: "context_length_exceeded" },
    ],
    [
      "a refused prompt",
      400,
      { error: { code: 400, message: "No", metadata: { error_type: "content_policy_violation" } } },
      { kind: "permission_error", reason: "content_filter" },
    ],
    [
      "an unknown parameter",
      400,
      { error: { code: 400, message: "max_tokens must be positive" } },
      { kind: "invalid_request_error", reason: undefined },
    ],
    [
      "a path that is not there",
      404,
      { error: { code: 404, message: "Not Found" } },
      { kind: "invalid_request_error", reason: undefined },
    ],
  ])("%s (%i)", (_, status, body, expected) => {
    expect(read(answer(status, body))).toMatchObject({ status, ...expected });
    // The bare body, as a response's JSON.
    expect(read(body)).toMatchObject({ ...expected });
    expect(classify(body)).toBe(expected.kind);
    // Through Portkey's gateway, as text in a message.
    expect(read(answer(status, bodies.throughPortkey(body)))).toMatchObject({
      status,
      ...expected,
    });
  });

  test("OpenAI's empty account, behind a gateway, is no rate limit", () => {
    const error = {
      message: "openai error: You exceeded your current quota",
      code: "insufficient_quota",
    };
    expect(read(answer(429, { error }))).toMatchObject({
      kind: "insufficient_credits_error",
      status: 429,
    });
  });

  test.each([
    ["a 200 with an error", bodies.errorInsideOk, "rate_limit_error", 429],
    [
      "a 200 with its status and an error",
      { status: 200, error: { code: 402, message: "No credits" } },
      "insufficient_credits_error",
      200,
    ],
    ["a choice's error", bodies.errorInsideChoice.choices[0], "service_error", 502],
    ["a chunk's error", bodies.errorChunk, "rate_limit_error", 429],
    ["a chunk's error with a word", bodies.errorChunkWithWord, "service_error", undefined],
    ["a chunk without a choice", bodies.errorChunkWithoutChoice, "rate_limit_error", 429],
    ["an error that is a text", { error: "overloaded" }, "service_error", undefined],
  ])("%s", (_, body, kind, status) => {
    expect(read(body)).toMatchObject({ kind, message: expect.not.stringMatching("without") });
    expect(toModelError(body).status).toBe(status);
  });

  test.each([
    ["authentication", "authentication_error"],
    ["permission_denied", "permission_error"],
    ["payment_required", "insufficient_credits_error"],
    ["rate_limit_exceeded", "rate_limit_error"],
    ["provider_overloaded", "service_error"],
    ["provider_unavailable", "service_error"],
    ["timeout", "timeout_error"],
    ["server", "service_error"],
    ["unmapped", "service_error"],
    ["invalid_request", "invalid_request_error"],
    ["max_tokens_exceeded", "invalid_request_error"],
    ["image_download_failed", "invalid_request_error"],
    ["precondition_failed", "invalid_request_error"],
    ["refusal", "permission_error"],
    ["toString", "service_error"],
  ] as const)("error_type %s says without any status that it is a %s", (type, kind) => {
    expect(classify({ error: { message: "No", metadata: { error_type: type } } })).toBe(kind);
  });
});

describe("a wait that the server asks for", () => {
  const wait = (headers: Record<string, string>, body: object = {}) =>
    toModelError(answer(429, body, headers), {}, now).retryAfterMs;

  test.each([
    ["seconds", { "Retry-After": "120" }, 120_000],
    ["fractions of a second", { "Retry-After": "0.5" }, 500],
    ["no wait", { "Retry-After": "0" }, 0],
    ["a date", { "Retry-After": new Date(now + 30_000).toUTCString() }, 30_000],
    ["a date in RFC 850's form", { "Retry-After": "Sunday, 22-Nov-26 23:00:09 GMT" }, 9000],
    ["a date that has passed", { "Retry-After": new Date(now - 30_000).toUTCString() }, undefined],
    ["milliseconds", { "retry-after-ms": "1500" }, 1500],
    ["seconds with a unit", { "Retry-After": "1s" }, 1000],
    ["milliseconds with a unit", { "Retry-After": "500ms" }, 500],
    ["a duration of Go's", { "Retry-After": "1m0.5s" }, 60_500],
    ["words", { "Retry-After": " 2 seconds " }, 2000],
    ["seconds in quotes", { "Retry-After": '"3"' }, 3000],
    ["a fraction", { "Retry-After": "1.5" }, 1500],
    ["a list of seconds", { "Retry-After": "1, 7, soon" }, 7000],
    ["a long list", { "Retry-After": Array.from({ length: 1e4 }, () => "1").join() }, 1000],
    ["an ISO date", { "Retry-After": new Date(now + 4000).toISOString() }, 4000],
    ["an ISO date that has passed", { "Retry-After": "2015-10-21T07:28:00Z" }, undefined],
    ["milliseconds with their unit", { "retry-after-ms": "300ms" }, 300],
    ["milliseconds in a list", { "retry-after-ms": "-1", "Retry-After": "2s" }, 2000],
    ["nonsense", { "Retry-After": "1x" }, undefined],
    ["a negative duration", { "Retry-After": "-1s" }, undefined],
    ["milliseconds before seconds", { "retry-after-ms": "1500", "Retry-After": "2" }, 1500],
    ["a reset in milliseconds since 1970", { "X-RateLimit-Reset": String(now + 800) }, 800],
    ["a reset in seconds since 1970", { "X-RateLimit-Reset": String(now / 1000 + 8) }, 8000],
    ["a reset in seconds from now", { "X-RateLimit-Reset": "12" }, 12_000],
    ["a reset that has passed", { "X-RateLimit-Reset": String(now - 1) }, undefined],
    ["Retry-After before a reset", { "Retry-After": "3", "X-RateLimit-Reset": "12" }, 3000],
    ["a negative number", { "Retry-After": "-5" }, undefined],
    ["words", { "Retry-After": "soon 2099" }, undefined],
    ["fractions of a millisecond", { "retry-after-ms": "1500.2" }, 1501],
    ["nothing", { "Retry-After": "" }, undefined],
    ["a hexadecimal number", { "Retry-After": "0x10" }, undefined],
    ["OpenAI's own notation", { "X-RateLimit-Reset": "6m0s" }, undefined],
    ["no header at all", {}, undefined],
  ])("%s", (_, headers, expected) => {
    expect(wait(headers)).toBe(expected);
  });

  test("is read from the body where the headers are silent", () => {
    const hints = (metadata: object) => wait({}, { error: { code: 429, message: "", metadata } });
    expect(hints({ retry_after_seconds: 17 })).toBe(17_000);
    expect(hints({ retry_after_seconds: -17 })).toBeUndefined();
    expect(hints({ headers: { "retry-AFTER": 4 } })).toBe(4000);
    expect(hints({ headers: { "X-RateLimit-Reset": String(now + 5) } })).toBe(5);
    expect(hints({ headers: { "Retry-After": { toString: 1 } } })).toBeUndefined();
    expect(hints({ headers: "Retry-After: 4" })).toBeUndefined();
  });

  test("comes from the headers rather than from the body", () => {
    expect(wait({ "Retry-After": "120" }, bodies.inFlight)).toBe(120_000);
    expect(wait({ "Retry-After": "3" }, bodies.sharedPoolWithHints)).toBe(3000);
  });

  test("is found in headers of any make", () => {
    expect(toModelError({ status: 429, headers: { "Retry-After": "3" } }).retryAfterMs).toBe(3000);
    expect(toModelError({ status: 429, headers: { "retry-after": "3" } }).retryAfterMs).toBe(3000);
    expect(toModelError({ status: 429, headers: "retry-after: 3" }).retryAfterMs).toBeUndefined();
  });
});

describe("what the OpenAI client throws", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:9"), {
    code: "ECONNREFUSED",
  });

  test.each([
    [
      "a lost connection",
      new APIConnectionError({ message: "Connection error." }),
      "connection_error",
    ],
    [
      "a refused connection",
      new APIConnectionError({ message: "Connection error.", cause: refused }),
      "connection_error",
    ],
    ["a timeout", new APIConnectionTimeoutError(), "timeout_error"],
    ["an abort", new APIUserAbortError(), "aborted"],
    [
      "an answer without a status",
      APIError.generate(undefined, new Error("socket hang up"), undefined, undefined),
      "connection_error",
    ],
    ["a body that is a text", answer(500, { error: "boom" }), "service_error"],
    ["a body whose error is null", answer(503, { error: null }), "service_error"],
    [
      "OpenAI's own body, without a code",
      answer(404, {
        error: { message: "The model `x` does not exist", type: "invalid_request_error" },
      }),
      "invalid_request_error",
    ],
  ])("%s", (_, error, kind) => {
    expect(classify(error)).toBe(kind);
  });

  test("says what the cause says, and keeps the error as its cause", () => {
    const error = new APIConnectionError({ message: "Connection error.", cause: refused });
    const failure = toModelError(error);
    expect(failure.message).toBe("connect ECONNREFUSED 127.0.0.1:9");
    expect(failure.cause).toBe(error);
  });

  test("tells an unknown model without a code", () => {
    const error = { message: "The model `x` does not exist", type: "invalid_request_error" };
    expect(read(answer(404, { error }))).toMatchObject({ reason: "model_not_found" });
  });
});

/** A server on loopback that is closed at the end of the block. */
async function listen(server: Server = createServer()) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const thrown = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("The work did not fail");
};

describe("what a socket does", () => {
  test("refused", async () => {
    let url = "";
    {
      await using server = await listen();
      url = server.url;
    }
    const error = await thrown(fetch(url));
    expect(read(error)).toMatchObject({
      kind: "connection_error",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("refused at every address of a name", async () => {
    let port = 0;
    {
      await using server = await listen();
      port = server.port;
    }
    const { kind, message } = read(await thrown(fetch(`http://localhost:${port}/`)));
    expect(kind).toBe("connection_error");
    expect(message).toContain("ECONNREFUSED");
  });

  test("closed before an answer", async () => {
    await using server = await listen(createServer((request) => request.socket.destroy()));
    expect(classify(await thrown(fetch(server.url)))).toBe("connection_error");
  });

  test("reset in the middle of an answer", async () => {
    await using server = await listen(
      createServer((_request, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.socket?.resetAndDestroy());
      }),
    );
    const work = fetch(server.url).then((response) => response.json());
    expect(classify(await thrown(work))).toBe("connection_error");
  });

  test("an answer that is no HTTP", async () => {
    const server = createTcpServer((socket) => {
      socket.end("SSH-2.0-OpenSSH_9.6\r\n");
      socket.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const error = await thrown(fetch(`http://127.0.0.1:${port}/`));
    server.close();
    expect(classify(error)).toBe("connection_error");
  });

  test("TLS spoken to a server that does not", async () => {
    await using server = await listen();
    const error = await thrown(fetch(server.url.replace("http:", "https:")));
    expect(classify(error)).toBe("connection_error");
  });

  test("an answer that is no JSON", async () => {
    await using server = await listen(createServer((_request, response) => response.end("<html>")));
    const work = fetch(server.url).then((response) => response.json());
    expect(read(await thrown(work))).toMatchObject({
      kind: "invalid_response_error",
      reason: "malformed",
    });
  });

  test("no answer in time", async () => {
    await using server = await listen();
    const error = await thrown(fetch(server.url, { signal: AbortSignal.timeout(20) }));
    expect(classify(error)).toBe("timeout_error");
  });

  test("left by the caller", async () => {
    await using server = await listen();
    const caller = new AbortController();
    const work = thrown(fetch(server.url, { signal: caller.signal }));
    caller.abort();
    expect(classify(await work)).toBe("aborted");
  });

  test.each([
    ["ENOTFOUND", "connection_error"],
    ["EAI_AGAIN", "connection_error"],
    ["ECONNRESET", "connection_error"],
    ["EPIPE", "connection_error"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "connection_error"],
    ["CERT_HAS_EXPIRED", "connection_error"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "connection_error"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "connection_error"],
    ["HPE_INVALID_CONSTANT", "connection_error"],
    ["UND_ERR_SOCKET", "connection_error"],
    ["ETIMEDOUT", "timeout_error"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout_error"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout_error"],
    ["UND_ERR_BODY_TIMEOUT", "timeout_error"],
    ["ENOENT", "unknown_error"],
    ["constructor", "unknown_error"],
  ] as const)("code %s is a %s, bare or as a cause", (code, kind) => {
    const bare = Object.assign(new Error(`it failed with ${code}`), { code });
    expect(classify(bare)).toBe(kind);
    expect(classify(new Error("outer", { cause: bare }))).toBe(kind);
    expect(classify(new AggregateError([new Error("other"), bare]))).toBe(kind);
  });

  test("a connection error without a code", () => {
    expect(classify(new TypeError("terminated"))).toBe("connection_error");
    expect(classify(new TypeError("fetch failed"))).toBe("connection_error");
    expect(classify(new TypeError("x is not a function"))).toBe("unknown_error");
  });
});

describe("anything else that is thrown", () => {
  test.each([
    ["an AbortError", new DOMException("This operation was aborted", "AbortError"), "aborted"],
    ["LangChain's abort", new ModelAbortError("aborted"), "aborted"],
    ["a TimeoutError", new DOMException("too slow", "TimeoutError"), "timeout_error"],
    ["a SyntaxError", new SyntaxError("Unexpected token"), "invalid_response_error"],
    ["an error", new Error("oh"), "unknown_error"],
    ["a text", "oh", "unknown_error"],
    ["an empty text", "", "unknown_error"],
    ["nothing", undefined, "unknown_error"],
    ["null", null, "unknown_error"],
    ["a number", 429, "unknown_error"],
    ["a symbol", Symbol("oh"), "unknown_error"],
    ["an empty object", {}, "unknown_error"],
    ["a list", [{ error: { code: 429 } }], "unknown_error"],
    ["an empty AggregateError", new AggregateError([]), "unknown_error"],
  ])("%s", (_, error, kind) => {
    expect(classify(error)).toBe(kind);
    expect(toModelError(error).message).not.toBe("");
  });

  test("is found behind other errors", () => {
    const inner = answer(429, bodies.sharedPool);
    const error = new Error("the chain failed", { cause: new Error("the step", { cause: inner }) });
    expect(read(error)).toMatchObject({ kind: "rate_limit_error", provider: "DeepInfra" });
  });

  test("ends though its causes go in a circle, or on and on", () => {
    const first = new Error("first");
    const second = new Error("second", { cause: first });
    first.cause = second;
    expect(classify(first)).toBe("unknown_error");
    let chain: Error = new SyntaxError("deep");
    for (let depth = 0; depth < 10_000; depth += 1) chain = new Error("link", { cause: chain });
    expect(classify(chain)).toBe("unknown_error");
  });

  test("an error without a message is called by its code or its name", () => {
    expect(toModelError(Object.assign(new Error(""), { code: "EPIPE" })).message).toBe("EPIPE");
    expect(toModelError(new RangeError("")).message).toBe("RangeError");
  });

  test("never makes it throw: objects that refuse to be read", () => {
    const refusing = new Proxy(
      {},
      {
        get() {
          throw new Error("hands off");
        },
        has() {
          throw new Error("hands off");
        },
      },
    );
    expect(classify(refusing)).toBe("unknown_error");
    expect(classify(new Error("outer", { cause: refusing }))).toBe("unknown_error");
    expect(toModelError(refusing, { model: "a/b" }).details).toMatchObject({ model: "a/b" });
  });

  test("never makes it throw: arbitrary values, in every place that is read", () => {
    const field = constantFrom(
      "error",
      "message",
      "code",
      "status",
      "metadata",
      "headers",
      "cause",
      "errors",
      "raw",
      "reasons",
      "availability",
      "name",
      "error_type",
      "retry_after_seconds",
      "limit_source",
    );
    const odd = oneof(anything({ withNullPrototype: true }), constantFrom("toString", "__proto__"));
    const bodyLike = dictionary(
      field,
      oneof(odd, dictionary(field, oneof(odd, dictionary(field, odd)))),
    );
    const texts = string().map((text) => ({ error: { code: 1, message: `{"error"${text}` } }));
    assert(
      property(oneof(odd, bodyLike, texts), (value) => {
        const failures = [
          toModelError(value),
          toModelError(Object.assign(new Error("x"), { error: value, cause: value })),
          toModelError(answer(500, Object(value) as object)),
        ];
        for (const { kind, message } of failures) {
          expect(errorKinds).toContain(kind);
          expect(typeof message).toBe("string");
        }
        expect(errorKinds).toContain(classify(value));
      }),
      { numRuns: 500 },
    );
  });
});

describe("this package's own errors", () => {
  const failure = new ModelError("No", { kind: "quota_error", model: "a/b" });

  test("keep their kind", () => {
    expect(classify(failure)).toBe("quota_error");
    expect(classify(new CallFailedError("researcher", [], [failure]))).toBe("quota_error");
    expect(classify(new Error("outer", { cause: failure }))).toBe("quota_error");
    expect(classify(new SettingsError([]))).toBe("unknown_error");
  });

  test("a broken stream has the kind of what broke it", () => {
    expect(classify(new StreamInterruptedError("a/b", "Hello", { cause: failure }))).toBe(
      "quota_error",
    );
  });

  test("learn from the context what they did not know, and nothing else", () => {
    const learned = toModelError(failure, { model: "c/d", provider: "P", kind: "aborted" });
    expect(learned.details).toEqual({ kind: "quota_error", model: "a/b", provider: "P" });
    expect(learned.message).toBe("No");
  });

  test("fields that a server leaves out do not hide what the context knows", () => {
    const context = { provider: "P", model: "a/b", retryAfterMs: 5 };
    const learned = toModelError(answer(503), context);
    expect(learned.details).toEqual({ ...context, kind: "service_error", status: 503 });
  });
});

describe("the parts of a message", () => {
  const message = (error: object) => toModelError({ error }).message;

  test("are joined without the white space and the full stops between them", () => {
    const metadata = { reasons: ["violence"], raw: "  free-models-per-min. " };
    expect(message({ code: 403, message: "It was flagged.", metadata })).toBe(
      "It was flagged: violence: free-models-per-min.",
    );
    expect(message({ code: 429, message: "Limit: free-models-per-min. " })).toBe(
      "Limit: free-models-per-min.",
    );
    expect(message({ code: 403, message: "flagged.:", metadata: { reasons: [] } })).toBe(
      "flagged.:",
    );
  });
});
