import { afterEach, describe, expect, test } from "vitest";
import { completion } from "../completions/__fixtures__/completions.ts";
import { FakeClock } from "../clock/fake-clock.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";
import type { Policy } from "./index.ts";

const warnings: string[] = [];
const silent = () => undefined;
const logger = {
  error: silent,
  warn: (message: string) => void warnings.push(message),
  info: silent,
  debug: silent,
};
afterEach(() => void warnings.splice(0));

function orchestraWith(policies: unknown, settings: OrchestraOptions["settings"] = {}) {
  return new Orchestra({
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", LLM_MAX_RETRIES: "0" },
    logger,
    settings,
    policies: policies as NonNullable<OrchestraOptions["policies"]>,
    fetch: async () => Response.json(completion()),
  });
}

type Defaults = readonly Policy[];

describe("the list of policies", () => {
  test.each([
    ["an array", []],
    ["a function that returns nothing", () => undefined],
    ["a list with what is no policy", () => ["retry"]],
  ])("%s is refused, with an example", (_, given) => {
    expect(() => orchestraWith(given)).toThrow("such as (defaults) => [myPolicy, ...defaults]");
  });

  test("a policy that is in it twice is refused by its name", () => {
    const twice = (all: Defaults) => [...all, all.find(({ name }) => name === "retry")];
    expect(() => orchestraWith(twice)).toThrow("returned retry twice");
  });

  test("another order of the built-in ones is a warning", () => {
    orchestraWith((all: Defaults) => all.toReversed());
    expect(warnings).toEqual([expect.stringContaining("changes the order")]);
  });

  test("fewer of them are a warning that names those left out", () => {
    orchestraWith((all: Defaults) => all.filter(({ name }) => name !== "budget"));
    expect(warnings).toEqual([expect.stringContaining("does not contain budget")]);
  });

  test("more of them, anywhere, are none", () => {
    const first: Policy = (next) => next;
    const last: Policy = (next) => next;
    orchestraWith((all: Defaults) => [first, ...all, last]);
    expect(warnings).toEqual([]);
  });
});

describe("a policy of the user's", () => {
  const call = (myPolicy: unknown, isOutside = true, settings = {}) =>
    orchestraWith(
      (all: Defaults) => (isOutside ? [myPolicy, ...all] : [...all, myPolicy]),
      settings,
    ).chat("Hi");

  test.each([
    ["nothing", function myPolicy() {}, "myPolicy returned undefined: expected a function"],
    [
      "no function",
      function myPolicy() {
        return 5;
      },
      "myPolicy returned 5: expected a function",
    ],
    [
      "no answer",
      function myPolicy() {
        return async () => undefined;
      },
      "myPolicy resolved to undefined",
    ],
    [
      "another shape",
      function myPolicy() {
        return () => ({ text: "Hi" });
      },
      "myPolicy resolved to an object that is not an answer",
    ],
  ])("that returns %s is named in the error", async (_, policy, message) => {
    await expect(call(policy)).rejects.toThrow(message);
    await expect(call(policy, false)).rejects.toThrow(message);
  });

  test.each([undefined, null, {}, { choices: [] }, { choices: "none" }, { choices: [{}] }])(
    "that makes the completion %j is named in the error",
    async (emptied) => {
      const myPolicy: Policy = (next) => async (attempt) =>
        Object.assign(await next(attempt), { completion: emptied });
      const message = "myPolicy resolved to an answer whose completion";
      await expect(call(myPolicy)).rejects.toThrow(message);
      await expect(call(myPolicy, false)).rejects.toThrow(message);
    },
  );

  const never = function myPolicy() {
    return () => new Promise(() => undefined);
  };

  test.each([true, false])(
    "that never settles ends with the call's time (outermost: %s)",
    async (isOutside) => {
      await expect(call(never, isOutside, { callTimeoutMs: 5 })).rejects.toMatchObject({
        code: "timeout_error",
      });
    },
  );

  test("that never settles ends with the caller's abort", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const orchestra = orchestraWith((all: Defaults) => [never, ...all]);
    const failure = orchestra.chat("Hi", { signal: stop.signal });
    stop.abort(reason);
    await expect(failure).rejects.toBe(reason);
  });

  type Step = (attempt: object) => Promise<object>;
  test.each([
    ["nothing", undefined, "no attempt"],
    ["another route", { route: { model: "x" } }, "a route that does not belong to the call"],
    ["no request", { request: undefined }, "a request without a list of messages"],
    ["a text for a request", { request: "Hi" }, "a request without a list of messages"],
    ["messages that are none", { request: { messages: [null] } }, "a request without"],
    ["another signal", { signal: {} }, "no signal"],
  ])("that passes %s on is named in the error", async (_, change, message) => {
    const myPolicy = function myPolicy(next: Step) {
      return (attempt: object) => next((change && { ...attempt, ...change }) as object);
    };
    const expected = `myPolicy called next with ${message}`;
    await expect(call(myPolicy)).rejects.toThrow(expected);
    await expect(call(myPolicy, false)).rejects.toThrow(expected);
  });

  test("that does not wait for an attempt does not delay the call, and the cost of the attempt is recorded", async () => {
    const clock = new FakeClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    let sent = 0;
    let isWon = false;
    const race: Policy = (next) => (attempt) =>
      Promise.race([next(attempt), next(attempt)]).finally(() => (isWon = true));
    const orchestra = new Orchestra({
      environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789" },
      logger,
      clock,
      policies: (all) => [race, ...all],
      fetch: async (_, init) => {
        if (init?.method !== "POST") return Response.json({ data: [] });
        sent += 1;
        if (sent === 2) await promise;
        return Response.json(completion({}, { usage: { prompt_tokens: 7, completion_tokens: 3 } }));
      },
    });
    const answer = orchestra.chat("Hi");
    await expect.poll(() => isWon).toBe(true);
    await clock.advance(2000);
    expect((await answer).text).toBe("Hello there");
    expect(orchestra.ledger.total).toMatchObject({ calls: 1, promptTokens: 7 });
    resolve();
    await expect.poll(() => orchestra.ledger.total).toMatchObject({ calls: 1, promptTokens: 14 });
  });

  test("keeps its name and its place", async () => {
    const seen: string[] = [];
    const myPolicy: Policy = (next) => (attempt) => {
      seen.push(attempt.route.model);
      return next(attempt);
    };
    await expect(call(myPolicy)).resolves.toBeDefined();
    expect(seen).toEqual(["openai/gpt-4o"]);
  });
});
