import { ModelAbortError } from "@langchain/core/errors";
import { anything, assert, constantFrom, dictionary, oneof, property, string } from "fast-check";
import { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError } from "openai";
import { describe, expect, test } from "vitest";
import { answer, read } from "./__fixtures__/api-error.ts";
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

  test("has the message of the cause, and keeps the error as its cause", () => {
    const error = new APIConnectionError({ message: "Connection error.", cause: refused });
    const failure = toModelError(error);
    expect(failure.message).toBe("connect ECONNREFUSED 127.0.0.1:9");
    expect(failure.cause).toBe(error);
  });

  test("recognizes an unknown model without a code", () => {
    const error = { message: "The model `x` does not exist", type: "invalid_request_error" };
    expect(read(answer(404, { error }))).toMatchObject({ reason: "model_not_found" });
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

  test("get only missing fields from the context", () => {
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
