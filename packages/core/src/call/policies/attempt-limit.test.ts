import { describe, expect, test } from "vitest";
import { errorOf, failure, fakeCall, runPolicy } from "../__fixtures__/fake-call.ts";
import { attemptLimit } from "./attempt-limit.ts";

const errors = () => [failure("service_error"), failure("service_error"), failure("service_error")];

describe("attemptLimit", () => {
  test("is not there without LLM_CALL_MAX_ATTEMPTS", () => {
    const { next, send } = runPolicy(attemptLimit, fakeCall().call);
    expect(send).toBe(next);
  });

  test("makes the failure of the last request final, and none before it", async () => {
    const t = runPolicy(attemptLimit, fakeCall({ services: { maxAttempts: 2 } }).call, errors());
    expect(await errorOf(t.run())).not.toHaveProperty("details.isFinal");
    expect(await errorOf(t.run())).toMatchObject({
      message: "a service_error",
      details: { kind: "service_error", isFinal: true },
    });
  });

  test("makes no request beyond the limit, and names the variable", async () => {
    const t = runPolicy(attemptLimit, fakeCall({ services: { maxAttempts: 1 } }).call);
    await t.run();
    const error = await errorOf(t.run());
    expect(error).toMatchObject({ details: { kind: "budget_error", isFinal: true, model: "a" } });
    expect((error as Error).message).toContain("all of its 1 requests (LLM_CALL_MAX_ATTEMPTS)");
    expect(t.attempts).toHaveLength(1);
  });

  test("counts requests that are in progress at the same time", async () => {
    const { call } = fakeCall({ services: { maxAttempts: 2 } });
    const t = runPolicy(attemptLimit, call);
    const outcomes = await Promise.all([t.run(), t.run(), t.run()].map(errorOf));
    expect(outcomes.filter((error) => error !== undefined)).toHaveLength(1);
    expect([t.attempts.length, call.log.admitted]).toEqual([2, 2]);
  });

  test("throws the reason of an abort unchanged", async () => {
    const reason = new Error("the user left");
    const t = runPolicy(attemptLimit, fakeCall({ services: { maxAttempts: 1 } }).call, [reason]);
    expect(await errorOf(t.run({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});
