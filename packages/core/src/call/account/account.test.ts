import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { ModelError, type ModelErrorDetails } from "../../errors/index.ts";
import { createRateLimiter, type Slot } from "../../resilience/rate-limiter/index.ts";
import { OpenRouterApi } from "../../routes/index.ts";
import { resolveSettings, type Environment } from "../../settings/index.ts";
import { Account, type AccountOptions } from "./account.ts";

/** 06:00 UTC. */
const startAt = Date.UTC(2026, 4, 6, 6);
const midnight = Date.UTC(2026, 4, 7);
const withCredits = { is_free_tier: false };
const withoutCredits = { is_free_tier: true };
const local = { OPENROUTER_BASE_URL: "http://127.0.0.1:1/v1" };

interface Setup extends Partial<Omit<AccountOptions, "settings" | "clock" | "api">> {
  /** @defaultValue answers with `key` */
  readonly fetch?: typeof fetch;
  readonly environment?: Environment;
  /** The answer of `GET /key`. @defaultValue there is none */
  readonly key?: object | undefined;
}

function setUp({ environment = {}, key, fetch: answer, ...options }: Setup = {}) {
  const clock = new FakeClock(startAt);
  const asked: string[] = [];
  const settings = resolveSettings(
    {},
    { OPENROUTER_API_KEY: "sk-or-v1-0123456789", ...environment },
  );
  const account = new Account({
    settings,
    clock,
    api: new OpenRouterApi({
      baseUrl: settings.baseUrl,
      apiKey: settings.openRouterApiKey,
      clock,
      fetch:
        answer ??
        (async (input) => {
          asked.push(new Request(input).url);
          if (!key) throw new TypeError("fetch failed");
          return Response.json({ data: key });
        }),
    }),
    ...options,
  });
  const send = async (isFree: boolean, count = 1): Promise<(Slot | undefined)[]> =>
    Promise.all(Array.from({ length: count }, () => account.acquire({ isFree })));
  /** Sends, and reads whether the request is sent now. */
  const isSent = async (isFree: boolean): Promise<boolean> => {
    const controller = new AbortController();
    const sent = account.acquire({ isFree, signal: controller.signal }).then(
      () => true,
      () => false,
    );
    await clock.advance(0);
    controller.abort();
    return sent;
  };
  return { account, clock, asked, send, isSent };
}

const refusal = (details: Partial<ModelErrorDetails>) =>
  new ModelError("refused", { kind: "rate_limit_error", status: 429, ...details });
const dailyRefusal = (retryAfterMs?: number) =>
  refusal({ kind: "quota_error", reason: "daily_quota", retryAfterMs });

describe("OPENROUTER_TIER=auto", () => {
  test("paid models have no limit, and GET /key is not sent", async () => {
    const { account, asked, send, clock } = setUp({ key: withoutCredits });
    expect(new Set(await send(false, 2000))).toEqual(new Set([undefined]));
    expect(asked).toEqual([]);
    expect(clock.sleeping).toBe(0);
    expect(await account.limiter.state()).toMatchObject({ inFlight: 0, day: { used: 0 } });
  });

  test.each([
    ["without credits", withoutCredits, 50],
    ["with credits", withCredits, 1000],
    ["by its number", { free_model_daily_requests: { used: 3, limit: 70 } }, 70],
  ])("free models of an account %s have OpenRouter's limits", async (_, key, limit) => {
    const { account, asked, send, isSent, clock } = setUp({ key });
    await send(true, 20);
    expect(asked).toEqual(["https://openrouter.ai/api/v1/key"]);
    expect(await account.freeLimiter.state()).toMatchObject({ limit: 20, day: { limit } });
    expect(await isSent(true)).toBe(false);
    expect(await isSent(false)).toBe(true);
    await clock.advance(62_000);
    expect(await isSent(true)).toBe(true);
  });

  test("requests of others on the same day count", async () => {
    const key = { ...withoutCredits, free_model_daily_requests: { used: 49, limit: 50 } };
    const { account, send } = setUp({ key });
    await send(true);
    await expect(account.acquire({ isFree: true })).rejects.toMatchObject({ kind: "quota_error" });
    expect(await send(false)).toEqual([undefined]);
  });

  test("OpenRouter that does not answer GET /key: 20 a minute, and no limit of the day", async () => {
    const { account, send } = setUp();
    await send(true, 20);
    expect(await account.freeLimiter.state()).toMatchObject({
      limit: 20,
      remaining: 0,
      day: { limit: Infinity },
    });
  });

  test("another server that does not answer GET /key has no limits", async () => {
    const { asked, send } = setUp({ environment: local });
    expect(new Set(await send(true, 100))).toEqual(new Set([undefined]));
    expect(asked).toHaveLength(1);
  });

  test("another server that answers GET /key has its limits", async () => {
    const { send, isSent } = setUp({ environment: local, key: withCredits });
    await send(true, 20);
    expect(await isSent(true)).toBe(false);
  });

  test("a number limits all requests, in addition to OpenRouter's limit for free models", async () => {
    const { account, send, isSent } = setUp({
      environment: { LLM_REQUESTS_PER_MINUTE: "30" },
      key: withCredits,
    });
    const slots = await send(true, 20);
    expect(await isSent(true)).toBe(false);
    await send(false, 10);
    expect(await isSent(false)).toBe(false);
    for (const slot of slots) await slot?.settle();
    expect(await account.freeLimiter.state()).toMatchObject({ inFlight: 0 });
    expect(await account.limiter.state()).toMatchObject({ inFlight: 10, limit: 30 });
  });

  test.each([
    ["of the minute", { LLM_REQUESTS_PER_MINUTE: "none" }, { limit: Infinity, day: { limit: 50 } }],
    ["of the day", { LLM_REQUESTS_PER_DAY: "none" }, { limit: 20, day: { limit: Infinity } }],
  ])("none lifts the limit %s for free models too", async (_, environment, state) => {
    const { account, send } = setUp({ environment, key: withoutCredits });
    await send(true);
    expect(await account.freeLimiter.state()).toMatchObject(state);
  });

  test("where both are none, GET /key is not sent", async () => {
    const environment = { LLM_REQUESTS_PER_MINUTE: "none", LLM_REQUESTS_PER_DAY: "none" };
    const { asked, send } = setUp({ environment, key: withoutCredits });
    expect(new Set(await send(true, 100))).toEqual(new Set([undefined]));
    expect(asked).toEqual([]);
  });
});

describe("a tier that is set", () => {
  test.each([
    ["free", 20, 50],
    ["pro", 60, 1000],
  ])("%s limits all requests to %i a minute and %i a day", async (tier, perMinute, perDay) => {
    const { account, asked, send, isSent } = setUp({
      environment: { OPENROUTER_TIER: tier },
      key: withCredits,
    });
    await send(true, perMinute / 2);
    await send(false, perMinute / 2);
    expect(await isSent(false)).toBe(false);
    expect(await isSent(true)).toBe(false);
    expect(await account.limiter.state()).toMatchObject({
      limit: perMinute,
      day: { limit: perDay, used: perMinute },
    });
    expect(asked).toEqual([]);
  });

  test("is replaced by a variable", async () => {
    const environment = { OPENROUTER_TIER: "pro", LLM_REQUESTS_PER_MINUTE: "2" };
    const { account, send } = setUp({ environment });
    await send(false);
    expect(await account.limiter.state()).toMatchObject({ limit: 2, day: { limit: 1000 } });
  });
});

describe("GET /key", () => {
  const hanging = (signals: (AbortSignal | null | undefined)[]): typeof fetch => {
    return (_, init) =>
      new Promise((_resolve, reject) => {
        signals.push(init?.signal);
        init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      });
  };

  test("is given up after 3 s of the account's clock", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const { account, clock } = setUp({ fetch: hanging(signals) });
    let slot: Slot | undefined;
    void account.acquire({ isFree: true }).then((granted) => (slot = granted));
    await clock.advance(2999);
    expect(slot).toBeUndefined();
    await clock.advance(1);
    expect(slot).toBeDefined();
    expect(signals).toHaveLength(1);
    expect(clock.sleeping).toBe(0);
  });

  test("does not hold up a call that is aborted; it continues for the others", async () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const { account, clock } = setUp({ fetch: hanging(signals) });
    const controller = new AbortController();
    const aborted = account.acquire({ isFree: true, signal: controller.signal });
    const other = account.acquire({ isFree: true });
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    expect(signals[0]?.aborted).toBe(false);
    await clock.advance(3000);
    expect(await other).toBeDefined();
  });

  test("leaves no timer once it is answered", async () => {
    const { send, clock } = setUp({ key: withCredits });
    await send(true);
    expect(clock.sleeping).toBe(0);
  });
});

describe("a request that both limiters limit", () => {
  const environment = { LLM_REQUESTS_PER_MINUTE: "1" };

  test("reports how long it waited for both", async () => {
    const { account, clock, send } = setUp({ environment, key: withCredits });
    await send(false);
    const waits: number[] = [];
    const onWait = (waitMs: number) => void waits.push(waitMs);
    const second = account.acquire({ isFree: true, onWait });
    await clock.advance(61_000);
    const slot = await second;
    expect(slot?.waitedMs).toBe(61_000);
    expect(slot?.grantedAt).toBe(startAt + 61_000);
    expect(waits).toEqual([61_000]);
  });

  test("leaves the first when it is aborted at the second", async () => {
    const { account, isSent, send } = setUp({ environment, key: withCredits });
    await send(false);
    expect(await isSent(true)).toBe(false);
    expect(await account.freeLimiter.state()).toMatchObject({ inFlight: 0 });
    expect(await account.limiter.state()).toMatchObject({ inFlight: 1, waiting: 0 });
  });

  test("holds nothing of the limit for all while it waits for that of free models", async () => {
    const limits = { LLM_MAX_CONCURRENCY: "21" };
    const { account, clock, send } = setUp({ environment: limits, key: withCredits });
    const slots = await send(true, 20);
    const waiting = account.acquire({ isFree: true });
    await clock.advance(0);
    expect(await account.limiter.state()).toMatchObject({ inFlight: 20, waiting: 0 });
    expect(await send(false)).toEqual([expect.anything()]);
    await slots[0]?.settle();
    await clock.advance(62_000);
    expect(await waiting).toBeDefined();
  });
});

describe("limiters that are given", () => {
  test("get the limits of the settings, also where these have none any more", async () => {
    const clock = new FakeClock(startAt);
    const limits = { requestsPerMinute: 1, requestsPerDay: 1, maxConcurrency: 1 };
    const limiter = createRateLimiter({ clock, limits });
    const freeLimiter = createRateLimiter({ clock, limits });
    const { send } = setUp({ limiter, freeLimiter, environment: local });
    await send(true, 3);
    for (const given of [limiter, freeLimiter]) {
      expect(await given.state()).toMatchObject({
        limit: Infinity,
        day: { limit: Infinity, used: 3 },
      });
    }
  });

  test("keep the day's limit that another process has read, where GET /key does not answer", async () => {
    const clock = new FakeClock(startAt);
    const freeLimiter = createRateLimiter({ clock, limits: { requestsPerDay: 50 } });
    const { send } = setUp({ freeLimiter });
    await send(true);
    expect(await freeLimiter.state()).toMatchObject({ limit: 20, day: { limit: 50, used: 1 } });
  });

  test("that fail once do not fail later calls", async () => {
    const limiter = createRateLimiter({ clock: new FakeClock(startAt) });
    const setLimits = limiter.setLimits.bind(limiter);
    let failures = 1;
    limiter.setLimits = (limits) =>
      failures-- > 0 ? Promise.reject(new Error("away")) : setLimits(limits);
    const { account } = setUp({ limiter });
    await expect(account.acquire({ isFree: false })).rejects.toThrow("away");
    expect(await account.acquire({ isFree: false })).toBeDefined();
  });
});

describe("a refusal", () => {
  const freeAndPaid = async ({ isSent }: ReturnType<typeof setUp>) => [
    await isSent(true),
    await isSent(false),
  ];

  test.each([
    ["a free model holds back free models only", true, [false, true]],
    ["a paid model holds back all", false, [false, false]],
  ])("of %s", async (_, isFree, sent) => {
    const t = setUp({ environment: local });
    await t.account.refused(refusal({ retryAfterMs: 10_000 }), { isFree });
    expect(await freeAndPaid(t)).toEqual(sent);
    await t.clock.advance(10_000);
    expect(await freeAndPaid(t)).toEqual([true, true]);
  });

  test.each([1e12, 1e300, Infinity, 6 * 60_000])(
    "for %d ms ends after 5 minutes",
    async (retryAfterMs) => {
      const t = setUp({ environment: local });
      await t.account.refused(refusal({ retryAfterMs }), { isFree: false });
      await t.clock.advance(4 * 60_000 - 1);
      // Longer than LLM_RETRY_MAX_DELAY: calls fail, and may fall back.
      const error: unknown = await t.account.acquire({ isFree: false }).catch((thrown) => thrown);
      expect(error).toMatchObject({ kind: "rate_limit_error", retryAfterMs: 60_001 });
      await t.clock.advance(60_000);
      expect(await t.isSent(false)).toBe(false);
      await t.clock.advance(1);
      expect(await t.isSent(false)).toBe(true);
    },
  );

  test.each([undefined, Number.NaN, -1, 0])("for %s ms says nothing", async (wait) => {
    const t = setUp({ environment: local });
    await t.account.refused(refusal({ retryAfterMs: wait }), { isFree: false });
    expect(await t.isSent(false)).toBe(true);
  });

  test.each([
    ["for longer than a day", 1e12, midnight + 60_000],
    ["without a time", undefined, midnight],
    ["for an hour", 3_600_000, startAt + 3_600_000],
  ])("of the day %s ends at midnight UTC at the latest", async (_, retryAfterMs, endsAt) => {
    const t = setUp({ environment: local });
    await t.account.refused(dailyRefusal(retryAfterMs), { isFree: true });
    await t.clock.advance(endsAt - 1 - startAt);
    expect(await freeAndPaid(t)).toEqual([false, true]);
    await t.clock.advance(1);
    expect(await freeAndPaid(t)).toEqual([true, true]);
  });

  test("for credit in flight is of the limit for all", async () => {
    const { account, send } = setUp({ environment: local });
    const error = refusal({ reason: "in_flight_budget", status: 402, retryAfterMs: 10_000 });
    await account.refused(error, { grantedAt: startAt, isFree: true });
    await send(false);
    expect(await account.limiter.state()).toMatchObject({ inFlight: 1, maxInFlight: 1 });
  });

  test("of a provider does not change the limits of the account", async () => {
    const t = setUp({ environment: local });
    const busy = refusal({ provider: "Groq", retryAfterMs: 10_000 });
    await t.account.refused(busy, { isFree: false });
    const upstream = refusal({ limitSource: "upstream_provider", retryAfterMs: 10_000 });
    await t.account.refused(upstream, { isFree: true });
    expect(await freeAndPaid(t)).toEqual([true, true]);
  });
});

describe("the error of a day that is used up", () => {
  const errorOf = async ({ account }: ReturnType<typeof setUp>, isFree: boolean) => {
    const error: unknown = await account.acquire({ isFree }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: "quota_error" });
    expect((error as ModelError).details).toMatchObject({ reason: "daily_quota" });
    expect((error as ModelError).retryAfterMs).toBe(midnight - startAt);
    return (error as ModelError).message;
  };

  test("names LLM_REQUESTS_PER_DAY", async () => {
    const t = setUp({ environment: { ...local, LLM_REQUESTS_PER_DAY: "1" } });
    await t.send(false);
    expect(await errorOf(t, false)).toBe(
      "The limit of requests in a UTC day is reached (LLM_REQUESTS_PER_DAY=1); it resets at 2026-05-07T00:00:00.000Z (UTC). Raise LLM_REQUESTS_PER_DAY to send more.",
    );
  });

  test("names OPENROUTER_TIER", async () => {
    const t = setUp({ environment: { OPENROUTER_TIER: "pro" } });
    await t.account.limiter.countDay(1000);
    expect(await errorOf(t, false)).toContain("(OPENROUTER_TIER=pro: 1000)");
  });

  test("names OpenRouter's limit for free models", async () => {
    const t = setUp({
      key: { ...withoutCredits, free_model_daily_requests: { used: 50, limit: 50 } },
    });
    const message = await errorOf(t, true);
    expect(message).toMatch(/^OpenRouter's limit for free models is reached: .* 50 /);
    expect(message).toContain("buy credits");
  });

  test("does not advise an account with credits to buy some", async () => {
    const used = { free_model_daily_requests: { used: 1000, limit: 1000 } };
    const message = await errorOf(setUp({ key: { ...withCredits, ...used } }), true);
    expect(message).not.toContain("credits");
  });

  test("names OpenRouter's limit after a refusal of a free model, with no number", async () => {
    const t = setUp({ environment: { LLM_REQUESTS_PER_DAY: "1000" } });
    await t.account.refused(dailyRefusal(), { isFree: true });
    const message = await errorOf(t, true);
    expect(message).toMatch(
      /^OpenRouter's limit for free models is reached: the account's requests/,
    );
    expect(message).not.toContain("LLM_REQUESTS_PER_DAY");
  });

  test("names the server where it refused a paid model", async () => {
    const t = setUp({ environment: { OPENROUTER_TIER: "pro" } });
    await t.account.refused(dailyRefusal(), { isFree: false });
    const message = await errorOf(t, false);
    expect(message).toMatch(/^The server refuses further requests in this UTC day/);
    expect(message).not.toContain("OPENROUTER_TIER");
  });
});
