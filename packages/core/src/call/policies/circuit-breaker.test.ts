import { describe, expect, test } from "vitest";
import { CircuitBreakers } from "../../resilience/circuit-breaker/index.ts";
import { FakeClock } from "../../clock/fake-clock.ts";
import {
  answer,
  errorOf,
  failure,
  fakeCall,
  openedStream,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import { circuitBreaker } from "./circuit-breaker.ts";

/** Breakers whose circuit for route `a` is open; a probe is due at once. */
function afterOutage(call: ReturnType<typeof fakeCall>["call"]) {
  const permit = call.services.breakers.for(call.routes[0]).admit();
  permit.fail(failure("timeout_error", { reason: "no_response" }));
  permit.release();
}

const setUp = (cooldownMs = 30_000) => {
  const clock = new FakeClock(0);
  const { call } = fakeCall({
    services: { clock, breakers: new CircuitBreakers({ clock, cooldownMs }) },
  });
  return { clock, call };
};

describe("circuitBreaker", () => {
  test("gives an attempt its permit", async () => {
    const { call } = setUp();
    const t = runPolicy(circuitBreaker, call);
    await t.run();
    expect(t.attempts[0]?.attempt.permit).toMatchObject({ isProbe: false });
  });

  test("refuses a route whose circuit is open, without an attempt", async () => {
    const { call } = setUp();
    afterOutage(call);
    const t = runPolicy(circuitBreaker, call);
    expect(await errorOf(t.run())).toMatchObject({
      details: { kind: "service_error", reason: "circuit_open" },
    });
    expect(t.attempts).toEqual([]);
  });

  test("tries a last route all the same, without a permit", async () => {
    const { call } = setUp();
    afterOutage(call);
    const t = runPolicy(circuitBreaker, call);
    await t.run({ isLastRoute: true });
    expect(t.attempts[0]?.attempt.permit).toBeUndefined();
  });

  test.each([
    ["an answer", () => answer()],
    ["a failure that weighs nothing", () => failure("invalid_request_error")],
  ])("releases a probe after %s: the next call probes", async (_, end) => {
    const { call, clock } = setUp(1000);
    afterOutage(call);
    await clock.advance(1000);
    const t = runPolicy(circuitBreaker, call, [end()]);
    await errorOf(t.run());
    await t.run();
    expect(t.attempts.map(({ attempt }) => attempt.permit?.isProbe)).toEqual([true, true]);
  });

  test("releases a stream's permit when it has ended, not before", async () => {
    const { call, clock } = setUp(1000);
    afterOutage(call);
    await clock.advance(1000);
    const stream = openedStream(call);
    const t = runPolicy(circuitBreaker, call, [stream]);
    await t.run();
    expect(await errorOf(t.run())).toMatchObject({ details: { reason: "circuit_open" } });
    await stream.leave();
    await t.run();
    expect(t.attempts).toHaveLength(2);
  });
});
