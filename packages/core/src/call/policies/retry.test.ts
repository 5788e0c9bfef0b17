import { describe, expect, test } from "vitest";
import { errorKinds } from "../../errors/error-kinds.ts";
import {
  answer,
  defaultRetryPolicy,
  failure,
  fakeCall,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import type { Attempt } from "../attempt.ts";
import { retry } from "./retry.ts";

/** Runs the policy over a script; what it ends with is in `outcome`, an error as `{ error }`. */
function run(
  script: Parameters<typeof runPolicy>[2],
  fields: Parameters<typeof fakeCall>[0] = {},
  attempt: Partial<Attempt> = {},
) {
  const fake = fakeCall(fields);
  const policy = runPolicy(retry, fake.call, script);
  const outcome = policy.run(attempt).catch((error: unknown) => ({ error }));
  const times = () => policy.attempts.map(({ at, attempt: { waitedMs } }) => ({ at, waitedMs }));
  return { ...fake, ...policy, outcome, times };
}

const withMaxAttempts = (maxAttempts: number) => ({
  retryPolicy: { ...defaultRetryPolicy, maxAttempts },
});

describe("retry", () => {
  test("makes one attempt where the first succeeds", async () => {
    const whole = answer();
    const t = run([whole]);
    expect(await t.outcome).toBe(whole);
    expect(t.times()).toEqual([{ at: 0, waitedMs: 0 }]);
    expect(t.events).toEqual([]);
  });

  test("waits the backoff before each further attempt, and not a millisecond less", async () => {
    const whole = answer();
    const t = run([failure("service_error"), failure("service_error"), whole]);
    await t.clock.advance(499);
    expect(t.attempts).toHaveLength(1);
    await t.clock.advance(1);
    expect(t.attempts).toHaveLength(2);
    await t.clock.advance(999);
    expect(t.attempts).toHaveLength(2);
    await t.clock.advance(1);
    expect(await t.outcome).toBe(whole);
    expect(t.times()).toEqual([
      { at: 0, waitedMs: 0 },
      { at: 500, waitedMs: 500 },
      { at: 1500, waitedMs: 1000 },
    ]);
  });

  test("emits before each wait what failed and how long it waits", async () => {
    const t = run([failure("timeout_error"), failure("rate_limit_error", { retryAfterMs: 7000 })]);
    const first = { type: "retry", model: "a", kind: "timeout_error", waitMs: 500 };
    await t.clock.advance(0);
    expect(t.events).toMatchObject([{ ...first, message: "a timeout_error" }]);
    await t.clock.advance(60_000);
    await t.outcome;
    expect(t.events).toMatchObject([first, { kind: "rate_limit_error", waitMs: 7000 }]);
  });

  test("makes as many attempts as the policy allows, and throws the last error", async () => {
    const errors = Array.from({ length: 9 }, () => failure("service_error"));
    const t = run(errors);
    await t.clock.advance(600_000);
    expect(((await t.outcome) as { error: unknown }).error).toBe(errors[3]);
    expect(t.attempts).toHaveLength(4);
    expect(t.events).toHaveLength(3);
    expect(t.clock.sleeping).toBe(0);
  });

  test("does not retry under a policy of one attempt", async () => {
    const t = run([failure("service_error")], withMaxAttempts(1));
    await t.clock.advance(600_000);
    expect(await t.outcome).toMatchObject({ error: { kind: "service_error" } });
    expect(t.attempts).toHaveLength(1);
  });

  test("counts from the start for each route", async () => {
    const errors = Array.from({ length: 4 }, () => failure("service_error"));
    const t = run(errors, withMaxAttempts(2));
    await t.clock.advance(600_000);
    const second = t.run().catch((error: unknown) => ({ error }));
    await t.clock.advance(600_000);
    expect(((await second) as { error: unknown }).error).toBe(errors[3]);
    expect(t.attempts).toHaveLength(4);
  });

  test.each(errorKinds)("retries a %s exactly where the policy names it", async (kind) => {
    const isRetried = [
      "connection_error",
      "timeout_error",
      "rate_limit_error",
      "service_error",
    ].includes(kind);
    const byDefault = run([failure(kind)]);
    await byDefault.clock.advance(600_000);
    await byDefault.outcome;
    expect(byDefault.attempts).toHaveLength(isRetried ? 2 : 1);

    const named = run([failure(kind)], {
      retryPolicy: { ...defaultRetryPolicy, retryOn: new Set([kind]) },
    });
    await named.clock.advance(600_000);
    expect(await named.outcome).toMatchObject({ kind: "whole" });
  });

  test("waits as long as the server asks for, instead of the backoff", async () => {
    const t = run([failure("rate_limit_error", { retryAfterMs: 17_000 })]);
    await t.clock.advance(16_999);
    expect(t.attempts).toHaveLength(1);
    await t.clock.advance(1);
    expect(t.times().at(-1)).toEqual({ at: 17_000, waitedMs: 17_000 });
  });

  test("gives up at once where the server asks for more than the longest wait", async () => {
    const error = failure("rate_limit_error", { retryAfterMs: 60_001 });
    const t = run([error]);
    expect(((await t.outcome) as { error: unknown }).error).toBe(error);
    expect([t.attempts.length, t.events.length, t.clock.sleeping]).toEqual([1, 0, 0]);
  });

  test("throws errors that are not a ModelError at once", async () => {
    const error = new TypeError("a bug");
    const t = run([error]);
    expect(((await t.outcome) as { error: unknown }).error).toBe(error);
    expect(t.attempts).toHaveLength(1);
  });
});

describe("an empty answer", () => {
  const empty = () => failure("invalid_response_error", { reason: "empty" });

  test("is asked for once more, though its kind is not retried", async () => {
    const t = run([empty()]);
    await t.clock.advance(600_000);
    expect(await t.outcome).toMatchObject({ kind: "whole" });
    expect(t.attempts).toHaveLength(2);
  });

  test("is not requested a third time", async () => {
    const t = run([empty(), empty()]);
    await t.clock.advance(600_000);
    expect(await t.outcome).toMatchObject({ error: { kind: "invalid_response_error" } });
    expect(t.attempts).toHaveLength(2);
  });

  test("is not requested again under a policy of one attempt", async () => {
    const t = run([empty()], withMaxAttempts(1));
    await t.clock.advance(600_000);
    expect(await t.outcome).toMatchObject({ error: { kind: "invalid_response_error" } });
    expect(t.attempts).toHaveLength(1);
  });
});

describe("a refusal that the next request avoids", () => {
  const unsupported = failure("invalid_request_error", { reason: "unsupported_parameter" });
  const unaffordable = (affordableTokens: number) =>
    failure("insufficient_credits_error", { reason: "unaffordable_max_tokens", affordableTokens });
  const request = (max_tokens?: number) => ({
    request: { model: "a", messages: [], ...(max_tokens ? { max_tokens } : {}) },
  });

  test("of a parameter is retried at once, though attempts are used up and its kind is not retried", async () => {
    const t = run([unsupported], withMaxAttempts(1));
    await t.clock.advance(0);
    expect(await t.outcome).toMatchObject({ kind: "whole" });
    expect(t.times()).toEqual([
      { at: 0, waitedMs: 0 },
      { at: 0, waitedMs: 0 },
    ]);
    expect(t.events).toMatchObject([{ type: "retry", waitMs: 0 }]);
  });

  test("of max_tokens is retried at once with what the account can pay for", async () => {
    const t = run([unaffordable(900)], withMaxAttempts(1), request(4096));
    await t.clock.advance(0);
    await t.outcome;
    expect(t.attempts.map(({ attempt }) => attempt.request.max_tokens)).toEqual([4096, 900]);
    expect(t.attempts[1]?.attempt).toMatchObject({ isReduced: true, waitedMs: 0 });
  });

  test("asks for no more tokens than before", async () => {
    const t = run([unaffordable(900)], {}, request(100));
    await t.clock.advance(0);
    await t.outcome;
    expect(t.attempts[1]?.attempt.request.max_tokens).toBe(100);
  });

  test.each([
    [63, 1],
    [64, 2],
  ])(
    "with %i affordable tokens makes %i requests: fewer than 64 are of no use",
    async (tokens, requests) => {
      const t = run([unaffordable(tokens)], {}, request(4096));
      await t.clock.advance(600_000);
      await t.outcome;
      expect(t.attempts).toHaveLength(requests);
    },
  );

  test("does not ask for fewer and fewer tokens", async () => {
    const second = unaffordable(500);
    const t = run([unaffordable(900), second], {}, request(4096));
    await t.clock.advance(600_000);
    expect(((await t.outcome) as { error: unknown }).error).toBe(second);
  });
});

describe("a failure that no further attempt can help", () => {
  const probe = { isProbe: true, answering() {}, succeed() {}, fail() {}, release() {} };

  test.each<[string, Parameters<typeof failure>[1], Partial<Attempt>, number]>([
    ["a final one", { isFinal: true }, { isLastRoute: true }, 1],
    ["silence, with another route left", { reason: "no_response" }, { isLastRoute: false }, 1],
    ["silence of the last route", { reason: "no_response" }, { isLastRoute: true }, 2],
    ["the probe of a circuit", {}, { isLastRoute: false, permit: probe }, 1],
    ["an attempt that is no probe", {}, { permit: { ...probe, isProbe: false } }, 2],
  ])("%s", async (_, details, attempt, attempts) => {
    const t = run([failure("timeout_error", details)], {}, attempt);
    await t.clock.advance(600_000);
    await t.outcome;
    expect(t.attempts).toHaveLength(attempts);
  });
});

describe("an abort", () => {
  const reason = new Error("the user left");

  test("before the first attempt makes none", async () => {
    const t = run([], {}, { signal: AbortSignal.abort(reason) });
    expect(((await t.outcome) as { error: unknown }).error).toBe(reason);
    expect(t.attempts).toEqual([]);
  });

  test("during an attempt ends the call with the abort reason, not with the attempt's error", async () => {
    const caller = new AbortController();
    const abort = async () => {
      caller.abort(reason);
      throw failure("service_error");
    };
    const t = run([abort], {}, { signal: caller.signal });
    expect(((await t.outcome) as { error: unknown }).error).toBe(reason);
    expect([t.attempts.length, t.events.length]).toEqual([1, 0]);
  });

  test.each([reason, "stop"])(
    "during a wait ends it at once with its own reason: %s",
    async (why) => {
      const caller = new AbortController();
      const t = run([failure("service_error")], {}, { signal: caller.signal });
      await t.clock.advance(100);
      caller.abort(why);
      // The clock stands: what settles now did not wait.
      expect(((await t.outcome) as { error: unknown }).error).toBe(why);
      await t.clock.advance(600_000);
      expect([t.attempts.length, t.clock.sleeping]).toEqual([1, 0]);
    },
  );
});

test("an attempt keeps what a fallback has set", async () => {
  const t = run([failure("service_error")], {}, { isLastRoute: true });
  await t.clock.advance(600_000);
  expect(t.attempts.map(({ attempt }) => attempt.isLastRoute)).toEqual([true, true]);
});
