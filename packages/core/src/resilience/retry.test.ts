import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { errorKinds, type ErrorKind } from "../errors/error-kinds.ts";
import { ModelError, type ModelErrorDetails } from "../errors/model-error.ts";
import { retry, type Retry, type RetryOptions } from "./retry.ts";
import { defaultRetryPolicy } from "./retry-policy.ts";

const failure = (kind: ErrorKind, details: Partial<ModelErrorDetails> = {}) =>
  new ModelError(`a ${kind}`, { kind, ...details });

/** Attempts that fail as scripted and then succeed; the test sees when each was made. */
function scripted(errors: readonly unknown[], options: Partial<RetryOptions> = {}) {
  const clock = new FakeClock(0);
  const attempts: { at: number; waitedMs: number }[] = [];
  const retries: Retry[] = [];
  const left = [...errors];
  const work = retry(
    async (waitedMs) => {
      attempts.push({ at: clock.now(), waitedMs });
      if (left.length > 0) throw left.shift();
      return "answer";
    },
    {
      policy: defaultRetryPolicy,
      clock,
      random: () => 0.5,
      toModelError: (error) => error as ModelError,
      onRetry: (some) => retries.push(some),
      ...options,
    },
  );
  const outcome = work.then(
    (value: string) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { clock, attempts, retries, outcome };
}

describe("retry", () => {
  test("makes one attempt where the first succeeds", async () => {
    const { attempts, retries, outcome } = scripted([]);
    expect(await outcome).toEqual({ value: "answer" });
    expect(attempts).toEqual([{ at: 0, waitedMs: 0 }]);
    expect(retries).toEqual([]);
  });

  test("waits the backoff before each further attempt, and not a millisecond less", async () => {
    const { clock, attempts, outcome } = scripted([
      failure("service_error"),
      failure("service_error"),
    ]);
    await clock.advance(499);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toHaveLength(2);
    await clock.advance(999);
    expect(attempts).toHaveLength(2);
    await clock.advance(1);
    expect(await outcome).toEqual({ value: "answer" });
    expect(attempts).toEqual([
      { at: 0, waitedMs: 0 },
      { at: 500, waitedMs: 500 },
      { at: 1500, waitedMs: 1000 },
    ]);
  });

  test("says before each wait what failed and how long it waits", async () => {
    const first = failure("timeout_error");
    const second = failure("rate_limit_error", { retryAfterMs: 7000 });
    const { clock, retries, outcome } = scripted([first, second]);
    await clock.advance(0);
    expect(retries).toEqual([{ error: first, waitMs: 500 }]);
    await clock.advance(60_000);
    await outcome;
    expect(retries).toEqual([
      { error: first, waitMs: 500 },
      { error: second, waitMs: 7000 },
    ]);
  });

  test("makes as many attempts as the policy allows, and throws the last error", async () => {
    const errors = Array.from({ length: 9 }, () => failure("service_error"));
    const { clock, attempts, retries, outcome } = scripted(errors);
    await clock.advance(600_000);
    expect(((await outcome) as { error: unknown }).error).toBe(errors[3]);
    expect(attempts).toHaveLength(4);
    expect(retries).toHaveLength(3);
    expect(clock.sleeping).toBe(0);
  });

  test("does not retry under a policy of one attempt", async () => {
    const policy = { ...defaultRetryPolicy, maxAttempts: 1 };
    const { attempts, clock, outcome } = scripted([failure("service_error")], { policy });
    await clock.advance(600_000);
    expect(await outcome).toMatchObject({ error: { kind: "service_error" } });
    expect(attempts).toHaveLength(1);
  });

  test.each(errorKinds)("retries a %s exactly where the policy names it", async (kind) => {
    const isRetried = [
      "connection_error",
      "timeout_error",
      "rate_limit_error",
      "service_error",
    ].includes(kind);
    const byDefault = scripted([failure(kind)]);
    await byDefault.clock.advance(600_000);
    await byDefault.outcome;
    expect(byDefault.attempts).toHaveLength(isRetried ? 2 : 1);

    const named = scripted([failure(kind)], {
      policy: { ...defaultRetryPolicy, retryOn: new Set([kind]) },
    });
    await named.clock.advance(600_000);
    expect(await named.outcome).toEqual({ value: "answer" });
  });

  test("lets the server's wait win over the backoff", async () => {
    const { clock, attempts } = scripted([failure("rate_limit_error", { retryAfterMs: 17_000 })]);
    await clock.advance(16_999);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(attempts).toEqual([
      { at: 0, waitedMs: 0 },
      { at: 17_000, waitedMs: 17_000 },
    ]);
  });

  test("gives up at once where the server asks for more than the longest wait", async () => {
    const error = failure("rate_limit_error", { retryAfterMs: 60_001 });
    const { attempts, retries, clock, outcome } = scripted([error]);
    expect(await outcome).toEqual({ error });
    expect([attempts.length, retries.length, clock.sleeping]).toEqual([1, 0, 0]);
  });

  test("throws what toModelError makes of the error", async () => {
    const made = failure("authentication_error");
    const { outcome } = scripted(["raw"], { toModelError: () => made });
    expect(((await outcome) as { error: unknown }).error).toBe(made);
  });
});

describe("what the caller knows of a failure", () => {
  const rejected = failure("insufficient_credits_error");

  test("a mended one is tried again at once, though its kind is not retried and attempts are used up", async () => {
    const { clock, attempts, retries, outcome } = scripted([rejected], {
      policy: { ...defaultRetryPolicy, maxAttempts: 1 },
      judge: () => "mended",
    });
    await clock.advance(0);
    expect(await outcome).toEqual({ value: "answer" });
    expect(attempts).toEqual([
      { at: 0, waitedMs: 0 },
      { at: 0, waitedMs: 0 },
    ]);
    expect(retries).toEqual([{ error: rejected, waitMs: 0 }]);
  });

  test("a mended one does not wait for what the server asks", async () => {
    const { clock, outcome } = scripted([failure("rate_limit_error", { retryAfterMs: 90_000 })], {
      judge: () => "mended",
    });
    await clock.advance(0);
    expect(await outcome).toEqual({ value: "answer" });
  });

  test("a hopeless one is not tried again, though its kind is retried", async () => {
    const error = failure("service_error");
    const { attempts, retries, outcome } = scripted([error], { judge: () => "hopeless" });
    expect(((await outcome) as { error: unknown }).error).toBe(error);
    expect([attempts.length, retries.length]).toEqual([1, 0]);
  });

  test("leaves all others to the policy", async () => {
    const judged: ModelError[] = [];
    const { clock, attempts, outcome } = scripted([failure("service_error"), rejected], {
      judge: (error) => {
        judged.push(error);
        return undefined;
      },
    });
    await clock.advance(499);
    expect(attempts).toHaveLength(1);
    await clock.advance(1);
    expect(((await outcome) as { error: unknown }).error).toBe(rejected);
    expect(judged.map(({ kind }) => kind)).toEqual(["service_error", "insufficient_credits_error"]);
  });
});

describe("an abort", () => {
  const reason = new Error("the user left");

  test("before the first attempt makes none", async () => {
    const { attempts, outcome } = scripted([], { signal: AbortSignal.abort(reason) });
    expect(((await outcome) as { error: unknown }).error).toBe(reason);
    expect(attempts).toEqual([]);
  });

  test("in an attempt ends it with its own reason, whatever the attempt throws", async () => {
    const caller = new AbortController();
    const retries: Retry[] = [];
    let attempts = 0;
    const work = retry(
      async () => {
        attempts += 1;
        caller.abort(reason);
        throw failure("service_error");
      },
      {
        policy: defaultRetryPolicy,
        clock: new FakeClock(),
        signal: caller.signal,
        toModelError: (error) => error as ModelError,
        onRetry: (some) => retries.push(some),
      },
    );
    await expect(work).rejects.toBe(reason);
    expect([attempts, retries.length]).toEqual([1, 0]);
  });

  test("in a wait settles at once with its own reason and makes no further attempt", async () => {
    const caller = new AbortController();
    const { clock, attempts, outcome } = scripted([failure("service_error")], {
      signal: caller.signal,
    });
    await clock.advance(100);
    caller.abort(reason);
    // The clock stands: what settles now did not wait.
    expect(((await outcome) as { error: unknown }).error).toBe(reason);
    await clock.advance(600_000);
    expect([attempts.length, clock.sleeping]).toEqual([1, 0]);
  });

  test("with a reason that is no error is passed on as it is", async () => {
    const caller = new AbortController();
    const { clock, outcome } = scripted([failure("service_error")], { signal: caller.signal });
    await clock.advance(100);
    caller.abort("stop");
    expect(await outcome).toEqual({ error: "stop" });
  });
});
