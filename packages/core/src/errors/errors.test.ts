import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { AttemptRecord } from "../usage/call-record.ts";
import { adviceFor, proxyAdvice } from "./advice.ts";
import * as errors from "./index.ts";

const {
  ArgumentError,
  CallFailedError,
  errorKinds,
  FindingsRejectedError,
  NoProgressError,
  ReplayMissError,
  ThrownValueError,
  ModelError,
  OrchestraError,
  SettingsError,
  StreamInterruptedError,
} = errors;

const failure = new ModelError("Too many", { kind: "rate_limit_error", retryAfterMs: 1500 });

/** One error of each class; a new class fails the test below until it is listed here. */
const examples: Readonly<Record<string, Error>> = {
  ArgumentError: new ArgumentError("f(): options is null: expected an object"),
  CallFailedError: new CallFailedError("researcher", [], [failure]),
  FindingsRejectedError: new FindingsRejectedError("reject", ["no source"]),
  ThrownValueError: new ThrownValueError("The step 'research' of the pipeline", null),
  NoProgressError: new NoProgressError("finder", [{ tool: "search", arguments: "{}" }], 5),
  ReplayMissError: new ReplayMissError("The recording has no call of researcher"),
  ModelError: failure,
  SettingsError: new SettingsError([]),
  StreamInterruptedError: new StreamInterruptedError("a/b", "Hel", { cause: failure }),
};

type ErrorClass = { readonly name: string; isInstance(error: unknown): boolean };

const classes = Object.entries(errors).filter(
  ([, value]) => typeof value === "function" && value.prototype instanceof Error,
) as unknown as [string, ErrorClass][];

describe("every error class", () => {
  test("is found by the tests below", () => {
    expect(classes.map(([name]) => name).toSorted()).toEqual(
      [...Object.keys(examples), "OrchestraError"].toSorted(),
    );
  });

  test.each(classes.filter(([name]) => name !== "OrchestraError"))(
    "%s knows its own errors, and no others",
    (name, errorClass) => {
      const example = examples[name];
      expect(errorClass.isInstance(example)).toBe(true);
      expect(OrchestraError.isInstance(example)).toBe(true);
      expect(Object.hasOwn(errorClass, "isInstance")).toBe(true);
      for (const [other, error] of Object.entries(examples)) {
        expect(errorClass.isInstance(error)).toBe(other === name);
      }
      for (const value of [undefined, null, "error", {}, new Error("no"), { name }]) {
        expect(errorClass.isInstance(value)).toBe(false);
      }
    },
  );

  test.each(Object.entries(examples))("%s has its name, a code and a message", (name, error) => {
    expect(error.name).toBe(name);
    expect((error as { code?: unknown }).code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(String(error)).toMatch(new RegExp(`^${name}`));
    expect(error.stack).toContain("errors.test.ts");
  });

  test.each(classes.filter(([name]) => name !== "OrchestraError"))(
    "%s knows an error that another copy of the package made",
    (name, errorClass) => {
      const foreign = Object.assign(new Error("made elsewhere"), {
        name,
        [Symbol.for("orchestra.error")]: true,
      });
      expect(foreign).toBeInstanceOf(OrchestraError);
      expect({ name: errorClass.name }).not.toBeInstanceOf(OrchestraError);
      expect(errorClass.isInstance(foreign)).toBe(true);
      expect(OrchestraError.isInstance(foreign)).toBe(true);
    },
  );

  test("another copy's error is classified by its code, and its details survive", () => {
    const foreign = Object.assign(new Error("made elsewhere"), {
      name: "ModelError",
      code: "quota_error",
      details: { kind: "quota_error", status: 429 },
      [Symbol.for("orchestra.error")]: true,
    });
    expect(errors.classify(foreign)).toBe("quota_error");
    expect(errors.toModelError(foreign, { model: "a/b" })).toMatchObject({
      message: "made elsewhere",
      details: { kind: "quota_error", status: 429, model: "a/b" },
    });
  });
});

describe("ModelError", () => {
  test("shows the details that policies ask for", () => {
    const error = new ModelError("No", { kind: "service_error", status: 503, retryAfterMs: 7 });
    expect([error.kind, error.code, error.status, error.retryAfterMs]).toEqual([
      "service_error",
      "service_error",
      503,
      7,
    ]);
  });
});

const attempt = (fields: Partial<AttemptRecord>): AttemptRecord => ({
  number: 1,
  model: "openai/gpt-4o",
  via: "openrouter",
  waitedMs: 0,
  rateLimitedMs: 0,
  durationMs: 12,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
  ...fields,
});

describe("CallFailedError", () => {
  test("is printed in a few lines, with the caller's own frames, and keeps the rest in its fields", () => {
    const error = new CallFailedError("researcher", [], [failure]);
    error.stack = `${error.name}: ${error.message}
    at complete (file:///app/node_modules/@orchestra/core/dist/index.js:1:1)
    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)
    at async ask (file:///app/src/ask.ts:3:7)`;
    const inside = inspect(new Error("outer", { cause: error }));
    expect(inside).toContain("at async ask (file:///app/src/ask.ts:3:7)");
    expect(inspect(error)).not.toMatch(/node_modules|node:internal/);
    expect(inspect(error).split("\n").length).toBeLessThan(6);
    expect(inspect(error)).toContain(`code: ${failure.kind}`);
    expect(error.cause).toBe(failure);
  });

  const last = new ModelError("Bad gateway", { kind: "service_error", status: 502 });
  const attempts = [
    attempt({
      status: 429,
      provider: "DeepInfra",
      error: { kind: "rate_limit_error", message: "Too many" },
    }),
    attempt({
      number: 2,
      waitedMs: 1500,
      error: { kind: "timeout_error", message: "No answer within 30 s" },
    }),
    attempt({
      number: 3,
      model: "gpt-4o",
      via: "portkey",
      status: 502,
      error: { kind: "service_error", message: "Bad gateway" },
    }),
  ];

  test("lists each attempt with its route, its error and its wait", () => {
    const error = new CallFailedError("researcher", attempts, [failure, last], {
      advice: "Try again.",
    });
    expect(error.message).toBe(
      [
        "Model call failed (role: researcher)",
        "  1. openai/gpt-4o via openrouter (DeepInfra): rate_limit_error 429: Too many",
        "  2. openai/gpt-4o via openrouter: timeout_error, after a wait of 1.50 s: No answer within 30 s",
        "  3. gpt-4o via portkey: service_error 502: Bad gateway",
        "Try again.",
      ].join("\n"),
    );
  });

  test("carries the last error's code and wait, and all errors", () => {
    const error = new CallFailedError("researcher", attempts, [last, failure]);
    expect([error.code, error.retryAfterMs]).toEqual(["rate_limit_error", 1500]);
    expect(error.cause).toBe(failure);
    expect(error.errors).toEqual([last, failure]);
    expect(error.attempts).toBe(attempts);
    expect(error.role).toBe("researcher");
  });

  test("begins with what ended the call, if that was not the failure of an attempt", () => {
    const ending = new ModelError("The call's time is up", { kind: "timeout_error" });
    const error = new CallFailedError("researcher", attempts.slice(0, 1), [failure, ending]);
    expect(error.message.split("\n")[0]).toBe(
      "Model call failed (role: researcher): The call's time is up",
    );
    expect([error.code, error.cause]).toEqual(["timeout_error", ending]);
  });

  test("has a message without any attempt", () => {
    const error = new CallFailedError("researcher", [], []);
    expect([error.message, error.code]).toEqual([
      "Model call failed (role: researcher)",
      "unknown_error",
    ]);
  });
});

describe("the other messages", () => {
  test("have all known details", () => {
    expect(examples["FindingsRejectedError"]?.message).toBe(
      "The validator did not approve the findings (reject)\n  - no source",
    );
    expect(examples["StreamInterruptedError"]?.message).toBe(
      "The stream of a/b broke after 3 characters: Too many",
    );
  });

  test("StreamInterruptedError keeps the text that had arrived", () => {
    const error = new StreamInterruptedError("a/b", "Hel", { cause: "gone" });
    expect(error).toMatchObject({ partialText: "Hel", model: "a/b", cause: "gone" });
    expect(error.message).toBe("The stream of a/b broke after 3 characters");
  });
});

describe("the advice after a failure", () => {
  const advice = (details: Omit<errors.ModelErrorDetails, "kind">, kind: errors.ErrorKind) =>
    adviceFor(new ModelError("No", { ...details, kind }));

  test.each([
    ["authentication_error", "OPENROUTER_API_KEY"],
    ["insufficient_credits_error", "max_tokens"],
    ["quota_error", "UTC day"],
    ["connection_error", "OPENROUTER_BASE_URL"],
    ["timeout_error", "PORTKEY_FALLBACKS"],
    ["rate_limit_error", "LLM_RETRY_MAX_DELAY"],
    ["service_error", "PORTKEY_FALLBACKS"],
    ["invalid_response_error", "PORTKEY_FALLBACKS"],
  ] as const)("of a %s names %s", (kind, name) => {
    expect(advice({}, kind)).toContain(name);
  });

  test.each(["LLM_REQUEST_TIMEOUT", "LLM_CALL_TIMEOUT", "LLM_STALL_TIMEOUT"])(
    "after %s names it, and no other",
    (setting) => {
      const names = advice({ setting }, "timeout_error")?.match(/LLM_\w+/g);
      expect(names).toEqual([setting]);
    },
  );

  test("after a timeout of the server names no setting", () => {
    expect(advice({ status: 504 }, "timeout_error")).not.toContain("LLM_");
  });

  test("has the time that the server asks to wait", () => {
    expect(advice({ retryAfterMs: 90_001 }, "quota_error")).toContain("in 91 s");
    expect(advice({ retryAfterMs: 500 }, "rate_limit_error")).toContain("in 500 ms");
    expect(advice({ retryAfterMs: 55_149_000 }, "quota_error")).toContain("in 15 h 20 min");
    expect(advice({ retryAfterMs: 60_054.366 }, "rate_limit_error")).toContain("in 61 s");
    expect(advice({}, "quota_error")).not.toContain("server");
  });

  test("is not given where the error of our own limiter has it", () => {
    expect(advice({ limitSource: "orchestra_requests_per_day" }, "quota_error")).toBeUndefined();
    const refused = { limitSource: "openrouter_free_tier_daily", status: 429 };
    expect(advice(refused, "quota_error")).toContain("OpenRouter's limit for free models");
  });

  test("names the setting of a fallback whose model does not exist", () => {
    const unknown = { kind: "invalid_request_error", reason: "model_not_found" } as const;
    const given = adviceFor(new ModelError("No", unknown), "used", "portkey");
    expect(given).toMatch(/models in PORTKEY_FALLBACKS/);
  });

  test("is given for a model that no one knows, not for a malformed request", () => {
    expect(advice({ reason: "model_not_found" }, "invalid_request_error")).toContain(
      "AGENT_MODEL_MAP, and the model of the role",
    );
    expect(advice({}, "invalid_request_error")).toBeUndefined();
  });

  test("of a context too long asks for a shorter input or a larger context", () => {
    const given = advice({ reason: "context_length_exceeded" }, "invalid_request_error");
    expect(given).toContain("Shorten the input");
    expect(given).toContain("larger context");
  });

  test("of an answer that was cut off is in its message, and no fallback is advised", () => {
    expect(advice({ reason: "cut_off" }, "invalid_response_error")).toBeUndefined();
    expect(advice({ reason: "truncated" }, "invalid_response_error")).toContain("maxTokens");
  });

  test("is known, or known to be none, for every kind", () => {
    const silent = errorKinds.filter((kind) => advice({}, kind) === undefined);
    expect(silent).toEqual([
      "permission_error",
      "invalid_request_error",
      "budget_error",
      "aborted",
      "unknown_error",
    ]);
  });
});

describe("the kinds of error", () => {
  test("that may be retried leave out what a retry can only repeat or defy", () => {
    const left = errorKinds.filter((kind) => !errors.retryableKinds.includes(kind as never));
    expect(left).toEqual(["budget_error", "aborted", "unknown_error"]);
  });
});

describe("what Node.js prints of a failed call", () => {
  const last = new ModelError("Too many requests", { kind: "rate_limit_error", status: 429 });
  const record = { ...attempt({}), error: { kind: last.kind, message: last.message } };
  const error = new CallFailedError("writer", [record, record], [last, last]);

  // Uncaught errors are printed without custom inspection.
  test("that is not caught is the message, the caller's frames and the kind of the cause", () => {
    const shown = inspect(error, { customInspect: false, depth: 5 });
    // Once for each attempt.
    expect(shown.split("Too many requests")).toHaveLength(3);
    expect(shown).toContain("[cause]: ModelError [rate_limit_error]");
    expect(shown).toContain("errors.test.ts:");
    expect(inspect(error.cause)).toBe("ModelError: Too many requests");
    expect(shown).not.toMatch(/attempts: |errors: |\[errors\]/);
  });

  test.each([
    ["an answer of a server", { status: 503, headers: new Headers(), error: { message: "Busy" } }],
    [
      "a connection",
      Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", errno: -104 }),
    ],
  ])("that is not caught has few lines, with any cause: %s", (_, cause) => {
    const failure = errors.toModelError(cause, { model: "a/b" });
    const records = [1, 2, 3].map((number) => ({
      ...attempt({ number }),
      error: { kind: failure.kind, message: failure.message },
    }));
    const failed = new CallFailedError("writer", records, [failure, failure, failure], {
      advice: "Do this.",
    });
    // As the stack is where the package is installed.
    failed.stack = `${failed.name}: ${failed.message}`;
    failure.stack = `${failure.name}: ${failure.message}`;
    if (cause instanceof Error) cause.stack = `${cause.name}: ${cause.message}`;
    const lines = inspect(failed, { customInspect: false, depth: 5 }).split("\n");
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines.join()).not.toMatch(/Symbol|details|errno|headers|undefined/);
    expect(failure.cause).toBe(cause);
    expect(failure.details.model).toBe("a/b");
    expect(JSON.parse(JSON.stringify(failed))).toMatchObject({
      code: failure.kind,
      role: "writer",
    });
  });

  test("that is not caught shows where code of the program's own threw", () => {
    const thrown = new TypeError("mine");
    const own = new ModelError("The check threw", { kind: "unknown_error" }, { cause: thrown });
    const shown = inspect(new CallFailedError("writer", [], [own]), { customInspect: false });
    expect(shown).toContain("[cause]: TypeError: mine\n");
    expect(thrown.stack?.split("\n").length).toBeGreaterThan(2);
  });

  test("leaves out nothing that a program reads", () => {
    expect(error.attempts).toEqual([record, record]);
    expect(error.errors).toEqual([last, last]);
    expect(error.cause).toBe(last);
  });
});

test.each([
  [{ HTTPS_PROXY: "http://proxy:3128" }, "HTTPS_PROXY is set"],
  [{ http_proxy: "http://proxy:3128" }, "http_proxy is set"],
])("the advice on a failed connection says whether Node.js uses the proxy: %o", (env, says) => {
  expect(proxyAdvice(env)).toContain(says);
  expect(proxyAdvice(env)).toContain("NODE_USE_ENV_PROXY=1");
  for (const used of [{ NODE_USE_ENV_PROXY: "1" }, { NODE_OPTIONS: "--use-env-proxy" }]) {
    expect(proxyAdvice({ ...env, ...used })).toBe(
      ` ${Object.keys(env)[0]} is set: if the request goes through this proxy, check the proxy too.`,
    );
  }
});

test("the advice on a failed connection names no proxy where none is set", () => {
  expect(proxyAdvice({ HTTPS_PROXY: "" })).toBe("");
});

test("a call that fails after a successful attempt has the reason", () => {
  const late = new ModelError("The call did not finish within 1 s", { kind: "timeout_error" });
  const { error: _, ...succeeded } = attempt({});
  const { message } = new CallFailedError("writer", [succeeded], [late]);
  expect(message).toContain("(role: writer): The call did not finish within 1 s\n");
  expect(message).toMatch(/: the model answered$/);
});
