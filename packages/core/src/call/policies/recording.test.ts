import { describe, expect, test, vi } from "vitest";
import type { CircuitPermit } from "../../resilience/circuit-breaker/index.ts";
import { LatencyTracker } from "../../resilience/hedge/index.ts";
import {
  answer,
  answered,
  errorOf,
  failure,
  fakeCall,
  openedStream,
  readAll,
  runPolicy,
} from "../__fixtures__/fake-call.ts";
import { recording } from "./recording.ts";

const permit = () => ({
  isProbe: false,
  answering: vi.fn<CircuitPermit["answering"]>(),
  succeed: vi.fn<CircuitPermit["succeed"]>(),
  fail: vi.fn<CircuitPermit["fail"]>(),
  release: vi.fn<CircuitPermit["release"]>(),
});

describe("recording", () => {
  test("records a successful attempt, with its usage and duration", async () => {
    const { call, clock, events } = fakeCall();
    const t = runPolicy(recording, call, [
      async () => {
        await clock.sleep(250);
        return answer();
      },
    ]);
    const work = t.run({ waitedMs: 500, rateLimitedMs: 20 });
    await clock.advance(250);
    await work;
    expect(events).toMatchObject([{ type: "attempt-start", attempt: 1, model: "a" }]);
    expect(call.log.attempts).toMatchObject([
      {
        number: 1,
        status: 200,
        durationMs: 250,
        waitedMs: 500,
        rateLimitedMs: 20,
        promptTokens: 10,
      },
    ]);
  });

  test("writes a failed attempt down, and throws its error", async () => {
    const { call } = fakeCall();
    const error = failure("service_error", { status: 503 });
    const t = runPolicy(recording, call, [error]);
    expect(await errorOf(t.run())).toBeDefined();
    expect(call.log.attempts).toMatchObject([
      { status: 503, error: { kind: "service_error", message: "a service_error" } },
    ]);
    expect(call.log.errors).toEqual([error]);
  });

  test("reports each outcome to the circuit breaker", async () => {
    const { call } = fakeCall();
    const error = failure("service_error");
    const t = runPolicy(recording, call, [answer(), error]);
    const [succeeded, failed] = [permit(), permit()];
    await t.run({ permit: succeeded });
    await errorOf(t.run({ permit: failed }));
    expect([succeeded.succeed, succeeded.fail].map((spy) => spy.mock.calls.length)).toEqual([1, 0]);
    expect(failed.fail.mock.calls).toEqual([[error]]);
    expect(failed.succeed).not.toHaveBeenCalled();
  });

  test("reports a stream at its first token and again at its end", async () => {
    const { call } = fakeCall({ isStream: true });
    const stream = openedStream(call, { metadata: answered });
    const own = permit();
    await runPolicy(recording, call, [stream]).run({ permit: own });
    expect([own.answering, own.succeed].map((spy) => spy.mock.calls.length)).toEqual([1, 0]);
    expect([call.log.openAttempts, call.log.attempts.length]).toEqual([1, 0]);
    await readAll(stream);
    expect(own.succeed).toHaveBeenCalledOnce();
    expect([call.log.openAttempts, call.log.attempts.length]).toEqual([0, 1]);
  });

  test("keeps the duration of every attempt for the role's p95, failed ones too", async () => {
    const latencies = new LatencyTracker();
    const { call, clock } = fakeCall({ services: { latencies } });
    const script = Array.from({ length: 20 }, () => async () => {
      await clock.sleep(100);
      throw failure("service_error");
    });
    const t = runPolicy(recording, call, script);
    for (const _ of script) {
      const work = errorOf(t.run());
      await clock.advance(100);
      await work;
    }
    expect(latencies.p95("researcher")).toBe(100);
  });

  test("does not collect text if there is no listener", async () => {
    const { call } = fakeCall({ services: { emitsText: false } });
    const { run, attempts } = runPolicy(recording, call, [answer()]);
    await run();
    expect(attempts[0]?.attempt.onText).toBeUndefined();
    const heard = fakeCall({
      services: { emitsText: false },
      scope: { runId: "run-1", traceId: "run-1", onEvent: () => undefined },
    });
    const t = runPolicy(recording, heard.call, [answer()]);
    await t.run();
    expect(t.attempts[0]?.attempt.onText).toBeTypeOf("function");
  });

  test("passes text of a whole answer on, with the number of its attempt", async () => {
    const texts: unknown[] = [];
    const { call, of } = fakeCall({ onText: (text, attempt) => texts.push([text, attempt]) });
    const t = runPolicy(recording, call, [
      failure("service_error"),
      async ({ onText }) => {
        onText?.("Hel");
        onText?.("lo");
        return answer("Hello");
      },
    ]);
    await errorOf(t.run());
    await t.run();
    expect(texts).toEqual([
      ["Hel", 2],
      ["lo", 2],
    ]);
    expect(of("text-delta")).toMatchObject([
      { attempt: 2, text: "Hel" },
      { attempt: 2, text: "lo" },
    ]);
  });

  test("requests the cost of an answer that was cut off, and reports it to the outer policies", async () => {
    const { call } = fakeCall();
    const cut = failure("invalid_response_error").withResponse({
      status: 200,
      generationId: "gen-1",
    });
    const error = await errorOf(runPolicy(recording, call, [cut]).run());
    expect(error).toHaveProperty("response.lateUsage");
  });
});
