import { describe, expect, test } from "vitest";
import { errorKinds } from "../../errors/error-kinds.ts";
import { isWorthFallback } from "../../resilience/index.ts";
import {
  answer,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import { fallback } from "./fallback.ts";

const routes = [fakeRoute("a"), fakeRoute("b"), fakeRoute("c")] as const;
const free = { structuredOutputMethod: "jsonSchema", isFree: true } as const;

function run(script: Parameters<typeof runPolicy>[2], fields: Parameters<typeof fakeCall>[0] = {}) {
  const fake = fakeCall({ routes, ...fields });
  const policy = runPolicy(fallback, fake.call, script);
  const asked = () => policy.attempts.map(({ attempt }) => attempt.route.model);
  return { ...fake, ...policy, asked };
}

describe("fallback", () => {
  test("asks only the first route where it succeeds", async () => {
    const whole = answer();
    const t = run([whole]);
    expect(await t.run()).toBe(whole);
    expect(t.asked()).toEqual(["a"]);
    expect(t.events).toEqual([]);
    expect(t.call.log.fallbacks).toBe("none");
  });

  test("asks the routes in their order until one succeeds, with an event for each change", async () => {
    const whole = answer();
    const t = run([failure("timeout_error"), failure("quota_error"), whole]);
    expect(await t.run()).toBe(whole);
    expect(t.asked()).toEqual(["a", "b", "c"]);
    expect(t.events).toMatchObject([
      { type: "fallback", from: "a", to: "b", kind: "timeout_error", message: "a timeout_error" },
      { type: "fallback", from: "b", to: "c", kind: "quota_error" },
    ]);
    expect(t.call.log.fallbacks).toBe("used");
  });

  test("marks the last route, and no other", async () => {
    const t = run([failure("service_error"), failure("service_error")]);
    await t.run();
    expect(t.attempts.map(({ attempt }) => attempt.isLastRoute)).toEqual([false, false, true]);
  });

  test("throws the error of the last route", async () => {
    const last = failure("service_error");
    const t = run([failure("service_error"), failure("service_error"), last]);
    expect(await errorOf(t.run())).toBe(last);
    expect(t.of("fallback")).toHaveLength(2);
  });

  test.each(errorKinds)("after a %s asks the next route only if that may succeed", async (kind) => {
    const error = failure(kind);
    const t = run([error]);
    const thrown = await errorOf(t.run());
    expect(thrown).toBe(isWorthFallback(error) ? undefined : error);
    expect(t.asked()).toEqual(isWorthFallback(error) ? ["a", "b"] : ["a"]);
  });

  test("does not follow a failure that is final", async () => {
    const error = failure("service_error", { isFinal: true });
    const t = run([error]);
    expect(await errorOf(t.run())).toBe(error);
    expect(t.asked()).toEqual(["a"]);
  });

  test("does not fall back after errors that are not a ModelError", async () => {
    const error = new TypeError("a bug");
    const t = run([error]);
    expect(await errorOf(t.run())).toBe(error);
    expect(t.asked()).toEqual(["a"]);
  });

  test("passes over a route that may not follow, and asks the next one that may", async () => {
    const isFree = { cachedModelInfo: () => free };
    const t = run([failure("service_error")], {
      routes: [fakeRoute("a", isFree), fakeRoute("paid"), fakeRoute("c", isFree)],
    });
    await t.run();
    expect(t.asked()).toEqual(["a", "c"]);
    expect(t.of("fallback")).toMatchObject([{ from: "a", to: "c" }]);
    expect(t.call.log.fallbacks).toBe("used");
  });

  test("notes in the log that a paid route was withheld from a free one", async () => {
    const error = failure("service_error");
    const t = run([error], {
      routes: [fakeRoute("a", { cachedModelInfo: () => free }), fakeRoute("paid")],
    });
    expect(await errorOf(t.run())).toBe(error);
    expect(t.call.log.fallbacks).toBe("withheld");
    expect(t.events).toEqual([]);
  });

  test("names a route in the record that was skipped for its open circuit, not one that failed", async () => {
    const open = failure("service_error", { reason: "circuit_open" });
    const t = run([open, failure("service_error")]);
    await t.run();
    expect(t.call.log.succeed("", {}).skipped).toEqual(["a"]);
  });

  test("starts at the attempt's own route, and then asks the others", async () => {
    const t = run([failure("service_error"), failure("service_error")]);
    await t.run({ route: routes[1] });
    expect(t.asked()).toEqual(["b", "a", "c"]);
    expect(t.call.routes).toEqual(routes);
  });
});

describe("an abort", () => {
  const reason = new Error("the user left");

  test("before the first attempt makes none", async () => {
    const t = run([]);
    expect(await errorOf(t.run({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(t.attempts).toEqual([]);
  });

  test("during an attempt ends the call with its reason, and asks no other route", async () => {
    const caller = new AbortController();
    const t = run([
      async () => {
        caller.abort(reason);
        throw failure("service_error");
      },
    ]);
    expect(await errorOf(t.run({ signal: caller.signal }))).toBe(reason);
    expect(t.asked()).toEqual(["a"]);
    expect(t.events).toEqual([]);
  });
});
