import { describe, expect, test } from "vitest";
import type { ModelError } from "../../errors/index.ts";
import type { Account } from "../account/account.ts";
import {
  answer,
  errorOf,
  failure,
  fakeCall,
  fakeRoute,
  openedStream,
  readAll,
  answered,
  runPolicy,
  type FakeCallFields,
} from "../__fixtures__/fake-call.ts";
import { estimateRequest } from "../estimate-request.ts";
import { rateLimit } from "./rate-limit.ts";

type Request = Parameters<Account["acquire"]>[0];

/** An account that grants every slot after a wait of 20 ms, and writes down what happens to it. */
function fakeAccount({ mayLimit = true, grants = true } = {}) {
  const log: unknown[] = [];
  const requests: Request[] = [];
  const account = {
    all: { mayLimit },
    acquire: async (request: Request) => {
      requests.push(request);
      request.onWait?.(20);
      const settle = async (end: unknown) => void log.push(["settle", end]);
      return grants ? { grantedAt: 7, waitedMs: 20, settle } : undefined;
    },
    refused: async ({ kind }: ModelError, request: unknown) => {
      log.push(["refused", kind, request]);
    },
  };
  return { account: account as unknown as Account, log, requests };
}

function run(
  options: Parameters<typeof fakeAccount>[0],
  script: Parameters<typeof runPolicy>[2],
  fields: FakeCallFields = {},
) {
  const { account, ...books } = fakeAccount(options);
  const fake = fakeCall({ ...fields, services: { account, ...fields.services } });
  return { ...fake, ...books, ...runPolicy(rateLimit, fake.call, script) };
}

const free = { structuredOutputMethod: "jsonSchema", isFree: true } as const;

describe("rateLimit", () => {
  test("waits for a slot, and gives it back with the tokens that were used", async () => {
    const t = run({}, [answer()], { priority: 2 });
    const { signal } = new AbortController();
    await t.run({ signal });
    expect(t.requests).toMatchObject([{ tokens: 0, priority: 2, isFree: false }]);
    expect(t.requests[0]?.signal).toBe(signal);
    expect(t.of("rate-limit-wait")).toMatchObject([{ model: "a", waitMs: 20 }]);
    expect(t.attempts[0]?.attempt.rateLimitedMs).toBe(20);
    expect(t.log).toEqual([["settle", { tokens: 14, isAnswered: true }]]);
  });

  test("asks for the estimated tokens only where tokens are limited", async () => {
    const t = run({}, [], { services: { countsTokens: true } });
    const request = { model: "a", messages: [], max_tokens: 1000 };
    await t.run({ request });
    expect(t.requests[0]?.tokens).toBe(estimateRequest(request).promptTokens + 1000);
  });

  test("applies a refusal before it returns the slot", async () => {
    const error = failure("rate_limit_error").withResponse({ status: 429 });
    const t = run({}, [error]);
    await errorOf(t.run());
    expect(t.log).toEqual([
      ["refused", "rate_limit_error", { grantedAt: 7, isFree: false }],
      ["settle", { tokens: undefined, isAnswered: true }],
    ]);
  });

  test("reports a request without a response as one that the server may not have counted", async () => {
    const t = run({}, [failure("connection_error")]);
    await errorOf(t.run());
    expect(t.log.at(-1)).toEqual(["settle", { tokens: undefined, isAnswered: false }]);
  });

  test("gives the slot of a stream back when it ends", async () => {
    const { account, log } = fakeAccount();
    const { call } = fakeCall({ services: { account } });
    const stream = openedStream(call, { metadata: answered });
    await runPolicy(rateLimit, call, [stream]).run();
    expect(log).toEqual([]);
    await readAll(stream);
    expect(log).toEqual([["settle", { tokens: 14, isAnswered: true }]]);
  });

  test.each<[string, FakeCallFields, { mayLimit: boolean }, number]>([
    [
      "a route that does not count against the account",
      { routes: [fakeRoute("a", { countsAgainstAccount: false })] },
      { mayLimit: true },
      0,
    ],
    ["an account without limits", {}, { mayLimit: false }, 0],
    [
      "an account without limits, for a free model",
      { routes: [fakeRoute("a", { cachedModelInfo: () => free })] },
      { mayLimit: false },
      1,
    ],
  ])("of %s", async (_, fields, options, slots) => {
    const t = run(options, [answer()], fields);
    await t.run();
    expect([t.requests.length, t.attempts.length]).toEqual([slots, 1]);
  });

  test("applies a refusal of a request without a slot too", async () => {
    const t = run({ mayLimit: false }, [failure("rate_limit_error", { retryAfterMs: 1000 })]);
    await errorOf(t.run());
    expect(t.log).toEqual([
      ["refused", "rate_limit_error", { grantedAt: undefined, isFree: false }],
    ]);
  });
});
