import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  double,
  nat,
  record,
  scheduler,
  type Scheduler,
} from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { ModelError } from "../../errors/model-error.ts";
import {
  Budget,
  MemoryBudgetStore,
  type Amount,
  type BudgetOptions,
  type BudgetScope,
  type BudgetStore,
  type KeyBudget,
  type Reservation,
  type Spending,
} from "./index.ts";

const scopes = { callId: "c", runId: "r" };
const usd = (amount: number): Spending => ({ usd: amount, tokens: 0 });
const tokens = (amount: number): Spending => ({ usd: 0, tokens: amount });

function create(limits: BudgetOptions["limits"], startAt = Date.UTC(2026, 0, 1, 12)) {
  const clock = new FakeClock(startAt);
  const store = new MemoryBudgetStore();
  return { clock, store, budget: new Budget({ limits, clock, store }) };
}

/** What is booked on an account, in dollars. */
async function balanceOf(store: BudgetStore, scope: BudgetScope, id: string) {
  const { spent, held } = await store.balance({ scope, id });
  const inDollars = ({ picoUsd, tokens: count }: Amount): Spending => ({
    usd: Number(picoUsd) / 1e12,
    tokens: count,
  });
  return { spent: inDollars(spent), reserved: inDollars(held) };
}

const refusal = async (work: Promise<unknown>): Promise<ModelError> => {
  const error = await work.then(
    () => new Error("it was not refused"),
    (thrown: unknown) => thrown,
  );
  return error as ModelError;
};

describe("reserve", () => {
  test.each(["call", "run", "day"] as const)(
    "takes from a %s's budget up to its limit",
    async (scope) => {
      const { budget } = create({ [scope]: { maxUsd: 1 } });
      for (const _ of "1234567890") await budget.reserve(usd(0.1), scopes);
      const error = await refusal(budget.reserve(usd(0.000_001), scopes));
      expect(ModelError.isInstance(error)).toBe(true);
      expect(error.kind).toBe("budget_error");
      await budget.reserve(usd(0), scopes);
    },
  );

  test("has a budget for each call and each run, and one for all calls of the day", async () => {
    const { budget } = create({ call: { maxUsd: 1 }, run: { maxUsd: 2 }, day: { maxUsd: 3 } });
    await budget.reserve(usd(1), { callId: "1", runId: "a" });
    expect(await refusal(budget.reserve(usd(1), { callId: "1", runId: "a" }))).toMatchObject({
      message: expect.stringContaining("The call's budget"),
    });
    await budget.reserve(usd(1), { callId: "2", runId: "a" });
    expect(await refusal(budget.reserve(usd(1), { callId: "3", runId: "a" }))).toMatchObject({
      message: expect.stringContaining("The run's budget"),
    });
    await budget.reserve(usd(1), { callId: "4", runId: "b" });
    expect(await refusal(budget.reserve(usd(1), { callId: "5", runId: "b" }))).toMatchObject({
      message: expect.stringContaining("The day's budget"),
    });
  });

  test("reserves nothing in any scope if one scope has no room", async () => {
    const { budget, store } = create({
      call: { maxUsd: 5 },
      run: { maxUsd: 5 },
      day: { maxTokens: 10 },
    });
    await refusal(budget.reserve({ usd: 1, tokens: 11 }, scopes));
    const none = { spent: { usd: 0, tokens: 0 }, reserved: { usd: 0, tokens: 0 } };
    expect(await balanceOf(store, "call", "c")).toEqual(none);
    expect(await balanceOf(store, "run", "r")).toEqual(none);
    expect(await balanceOf(store, "day", "2026-01-01")).toEqual(none);
  });

  test("names the budget, its limit, spent, reserved, asked, and how to raise it", async () => {
    const { budget } = create({ run: { maxUsd: 0.5 } });
    const first = await budget.reserve(usd(0.3), scopes);
    await first.settle(usd(0.2512));
    await budget.reserve(usd(0.2), scopes);
    expect(await refusal(budget.reserve(usd(0.05), scopes))).toMatchObject({
      message:
        "The run's budget of $0.50 does not cover this request: $0.2512 spent, $0.20 reserved, $0.05 possible for the request. Raise LLM_BUDGET_USD_PER_RUN, or settings.budgetUsdPerRun in code.",
      retryAfterMs: undefined,
      details: { limitSource: "orchestra_budget_usd_per_run" },
    });
  });

  test("counts tokens where tokens are limited", async () => {
    const { budget } = create({ call: { maxTokens: 1000 } });
    await budget.reserve({ usd: 1e6, tokens: 900 }, scopes);
    expect(await refusal(budget.reserve(tokens(101), scopes))).toMatchObject({
      message:
        "The call's budget of 1000 tokens does not cover this request: 0 tokens spent, 900 tokens reserved, 101 tokens possible for the request. Raise LLM_BUDGET_TOKENS_PER_CALL, or settings.budgetTokensPerCall in code.",
    });
    await budget.reserve(tokens(100), scopes);
  });

  test("a limit of 0 allows free requests", async () => {
    const { budget } = create({ day: { maxUsd: 0 } });
    await budget.reserve({ usd: 0, tokens: 1e9 }, scopes);
    expect((await refusal(budget.reserve(usd(1e-9), scopes))).kind).toBe("budget_error");
  });

  test("without limits refuses nothing, and does not ask the store", async () => {
    const { budget, store } = create({ run: {} });
    let requests = 0;
    store.reserve = async () => void (requests += 1);
    const reservation = await budget.reserve({ usd: 1e6, tokens: 1e9 }, scopes);
    await reservation.settle(usd(1e6));
    expect(requests).toBe(0);
  });

  test.each([Number.NaN, -1, Infinity])("takes no estimate of %d", async (value) => {
    const { budget } = create({});
    await expect(budget.reserve(usd(value), scopes)).rejects.toThrow(RangeError);
    await expect(budget.reserve(tokens(value), scopes)).rejects.toThrow(RangeError);
  });

  test.each([Number.NaN, -1, Infinity])("takes no limit of %d", (value) => {
    expect(() => create({ run: { maxUsd: value } })).toThrow(RangeError);
    expect(() => create({ run: { maxTokens: value } })).toThrow(RangeError);
  });

  test("sends nothing when the store fails", async () => {
    const store = new MemoryBudgetStore();
    store.reserve = () => Promise.reject(new Error("no database"));
    const budget = new Budget({ limits: { run: { maxUsd: 1 } }, store });
    await expect(budget.reserve(usd(0), scopes)).rejects.toThrow("no database");
  });
});

describe("the day", () => {
  const beforeMidnight = Date.UTC(2026, 0, 1, 23, 59, 59, 999);

  test("ends at midnight UTC and not a millisecond before", async () => {
    const { budget, clock } = create({ day: { maxUsd: 1 } }, beforeMidnight - 86_400_000);
    await clock.advance(86_400_000);
    expect(clock.now()).toBe(beforeMidnight);
    await budget.reserve(usd(1), scopes);
    expect((await refusal(budget.reserve(usd(1), scopes))).retryAfterMs).toBe(1);
    await clock.advance(1);
    await budget.reserve(usd(1), scopes);
  });

  test("reports when the next day's budget begins", async () => {
    const { budget } = create({ day: { maxUsd: 1 } }, Date.UTC(2026, 0, 1, 21, 28, 30) + 0.4);
    expect(await refusal(budget.reserve(usd(2), scopes))).toMatchObject({
      retryAfterMs: 9_090_000,
      message:
        "The day's budget of $1.00 does not cover this request: $0.00 spent, $0.00 reserved, $2.00 possible for the request. The next day's begins at midnight UTC, in 2 h 32 min. Raise LLM_BUDGET_USD_PER_DAY, or settings.budgetUsdPerDay in code.",
    });
  });

  test("is the one of the reservation, though it is settled in the next", async () => {
    const { budget, clock, store } = create({ day: { maxUsd: 1 } }, beforeMidnight);
    const reservation = await budget.reserve(usd(1), scopes);
    await clock.advance(1000);
    await reservation.settle(usd(0.7));
    expect((await balanceOf(store, "day", "2026-01-02")).spent.usd).toBe(0);
    expect((await balanceOf(store, "day", "2026-01-01")).spent.usd).toBe(0.7);
  });
});

describe("a key", () => {
  const at = Date.UTC(2026, 0, 31, 23, 0);
  const ofKey = (budget: KeyBudget) => ({ ...scopes, key: { id: "k", budget } });

  test.each<[KeyBudget, string, number | undefined, string]>([
    [{ usdPerDay: 1 }, "The key's budget of $1.00 a day", 3_600_000, "The next day's begins"],
    [{ usdPerMonth: 1 }, "The key's budget of $1.00 a month", 3_600_000, "The next month's begins"],
    [{ usdTotal: 1 }, "The key's budget of $1.00 does not", undefined, "Use a key with a larger"],
  ])("is refused beyond its budget: %j", async (limits, owner, retryAfterMs, advice) => {
    const { budget } = create({}, at);
    await budget.reserve(usd(0.75), ofKey(limits));
    const error = await refusal(budget.reserve(usd(0.5), ofKey(limits)));
    expect(error).toMatchObject({ kind: "budget_error", retryAfterMs });
    expect(error.message).toContain(owner);
    expect(error.message).toContain(advice);
    const other = { ...scopes, key: { id: "other", budget: limits } };
    await budget.reserve(usd(0.5), other);
  });

  test("has its next budget at the end of the day, or of the month", async () => {
    const { budget, clock } = create({}, at);
    const key = ofKey({ usdPerDay: 1, usdPerMonth: 1, usdTotal: 2 });
    await budget.reserve(usd(1), key);
    await refusal(budget.reserve(usd(1), key));
    await clock.advance(3_600_000);
    await budget.reserve(usd(1), key);
    expect((await refusal(budget.reserve(usd(1), key))).details.limitSource).toBe(
      "orchestra_budget_usd_per_key_day",
    );
  });

  test("has no budget where none is given, and is limited by that of all", async () => {
    const { budget } = create({ day: { maxUsd: 1 } });
    await budget.reserve(usd(1), ofKey({}));
    expect((await refusal(budget.reserve(usd(1), ofKey({})))).message).toContain("The day's");
  });
});

describe("a reservation", () => {
  test("releases the unspent part when it is settled", async () => {
    const { budget, store } = create({ run: { maxUsd: 1 } });
    const reservation = await budget.reserve({ usd: 1, tokens: 50 }, scopes);
    await reservation.settle({ usd: 0.25, tokens: 20 });
    expect(await balanceOf(store, "run", "r")).toEqual({
      spent: { usd: 0.25, tokens: 20 },
      reserved: { usd: 0, tokens: 0 },
    });
    await budget.reserve(usd(0.75), scopes);
  });

  test("gives back everything when it is released", async () => {
    const { budget, store } = create({ run: { maxUsd: 1 } });
    const reservation = await budget.reserve(usd(1), scopes);
    await reservation.release();
    expect(await balanceOf(store, "run", "r")).toEqual({ spent: usd(0), reserved: usd(0) });
    await budget.reserve(usd(1), scopes);
  });

  test("is settled once: the first settlement counts", async () => {
    const { budget, store } = create({ run: { maxUsd: 1 } });
    const settled = await budget.reserve(usd(0.5), scopes);
    await settled.settle(usd(0.4));
    await settled.settle(usd(0.1));
    await settled.release();
    const released = await budget.reserve(usd(0.5), scopes);
    await released.release();
    await released.settle(usd(0.5));
    expect(await balanceOf(store, "run", "r")).toEqual({ spent: usd(0.4), reserved: usd(0) });
  });

  test("of an unknown outcome stays held until it is settled", async () => {
    const { budget, clock, store } = create({ run: { maxUsd: 1 } });
    const reservation = await budget.reserve(usd(0.6), scopes);
    await clock.advance(3_600_000);
    expect((await refusal(budget.reserve(usd(0.5), scopes))).kind).toBe("budget_error");
    await reservation.settle(usd(0.3));
    await budget.reserve(usd(0.5), scopes);
    expect(await balanceOf(store, "run", "r")).toEqual({ spent: usd(0.3), reserved: usd(0.5) });
  });

  test("charges more than its estimate, and then no request is allowed", async () => {
    const { budget, store } = create({ run: { maxUsd: 1 } });
    const reservation = await budget.reserve(usd(0.1), scopes);
    await reservation.settle(usd(1.2));
    expect((await balanceOf(store, "run", "r")).spent.usd).toBe(1.2);
    expect((await refusal(budget.reserve(usd(0), scopes))).message).toContain("$1.20 spent");
  });

  test("remains if it is settled with an invalid amount", async () => {
    const { budget, store } = create({ run: { maxUsd: 1 } });
    const reservation = await budget.reserve(usd(0.5), scopes);
    await expect(reservation.settle(usd(Number.NaN))).rejects.toThrow(RangeError);
    expect((await balanceOf(store, "run", "r")).reserved.usd).toBe(0.5);
  });

  test("is deleted with its call and its run when they have ended", async () => {
    const { budget, store } = create({ call: { maxUsd: 1 }, run: { maxUsd: 1 } });
    const reservation = await budget.reserve(usd(0.5), scopes);
    await budget.close("call", "c");
    await reservation.settle(usd(0.1));
    expect((await balanceOf(store, "call", "c")).spent.usd).toBe(0);
    expect((await balanceOf(store, "run", "r")).spent.usd).toBe(0.1);
    await budget.close("run", "r");
    expect((await balanceOf(store, "run", "r")).spent.usd).toBe(0);
  });
});

describe("in any order", () => {
  const limits = {
    call: { maxUsd: 0.4 },
    run: { maxUsd: 0.9, maxTokens: 900 },
    day: { maxUsd: 1.3 },
  };
  const request = record({
    usd: double({ min: 0, max: 0.5, noNaN: true }),
    tokens: nat({ max: 500 }),
    // What was really spent, as a share of the estimate.
    share: double({ min: 0, max: 1, noNaN: true }),
    end: constantFrom("settle", "release", "settle twice", "leave"),
    callId: constantFrom("1", "2"),
    runId: constantFrom("a", "b"),
    isEager: boolean(),
  });

  test("requests at once never overspend, while none costs more than its estimate", async () => {
    await assert(
      asyncProperty(scheduler(), array(request, { maxLength: 20 }), async (order, requests) => {
        const store = new MemoryBudgetStore();
        const budget = new Budget({ limits, store: slowly(store, order), clock: new FakeClock() });
        const seen = new Books(store);
        const work = requests.map(async ({ share, end, callId, runId, ...estimate }) => {
          const reservation = await budget
            .reserve(estimate, { callId, runId })
            .catch((error: ModelError) => error.kind);
          await seen.check();
          if (typeof reservation === "string") return reservation;
          const actual = { usd: estimate.usd * share, tokens: Math.floor(estimate.tokens * share) };
          await finish(reservation, end, actual);
          await seen.check();
          return "granted";
        });
        const outcomes = await order.waitFor(Promise.all(work));
        expect(outcomes.every((outcome) => ["granted", "budget_error"].includes(outcome))).toBe(
          true,
        );
        expect(seen.exceeded).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("the settled and the reserved amounts equal those that were spent and requested", async () => {
    await assert(
      asyncProperty(scheduler(), array(request, { maxLength: 20 }), async (order, requests) => {
        const store = new MemoryBudgetStore();
        const free = { day: { maxUsd: 1000 } };
        const budget = new Budget({
          limits: free,
          store: slowly(store, order),
          clock: new FakeClock(),
        });
        const work = requests.map(async ({ share, end, callId, runId }, index) => {
          const estimate = { usd: (index + 1) / 100, tokens: index };
          const reservation = await budget.reserve(estimate, { callId, runId });
          const actual = { usd: share > 0.5 ? 0.07 : 0.01, tokens: 3 };
          await finish(reservation, end, actual);
          const isSpent = end.startsWith("settle");
          return {
            spent: isSpent ? Math.round(actual.usd * 100) : 0,
            held: end === "leave" ? index + 1 : 0,
          };
        });
        const expected = await order.waitFor(Promise.all(work));
        const { spent, reserved } = await balanceOf(store, "day", "2026-01-01");
        const sum = (of: "spent" | "held") => expected.reduce((total, one) => total + one[of], 0);
        expect([spent.usd, reserved.usd]).toEqual([sum("spent") / 100, sum("held") / 100]);
      }),
      { numRuns: 100 },
    );
  });
});

async function finish(reservation: Reservation, end: string, actual: Spending): Promise<void> {
  if (end === "release") await reservation.release();
  if (end.startsWith("settle")) await reservation.settle(actual);
  if (end === "settle twice") await reservation.settle({ usd: 100, tokens: 1e6 });
}

/** A store behind a wire: what is asked of it happens, and is answered, when the scheduler says. */
function slowly(store: BudgetStore, order: Scheduler): BudgetStore {
  const overTheWire = async <T>(work: () => Promise<T>): Promise<T> => {
    await order.schedule(Promise.resolve());
    const answer = await work();
    await order.schedule(Promise.resolve());
    return answer;
  };
  return {
    reserve: (request) => overTheWire(() => store.reserve(request)),
    settle: (id, actual) => overTheWire(() => store.settle(id, actual)),
    balance: (account) => overTheWire(() => store.balance(account)),
    close: (account) => overTheWire(() => store.close(account)),
  };
}

/** Checks all accounts, and collects those beyond their limits. */
class Books {
  readonly exceeded: string[] = [];
  readonly #store: BudgetStore;

  constructor(store: BudgetStore) {
    this.#store = store;
  }

  async check(): Promise<void> {
    const accounts: [BudgetScope, string, number, number][] = [
      ["call", "1", 0.4, Infinity],
      ["call", "2", 0.4, Infinity],
      ["run", "a", 0.9, 900],
      ["run", "b", 0.9, 900],
      ["day", "2026-01-01", 1.3, Infinity],
    ];
    for (const [scope, id, maxUsd, maxTokens] of accounts) {
      const { spent, reserved } = await balanceOf(this.#store, scope, id);
      const total = { usd: spent.usd + reserved.usd, tokens: spent.tokens + reserved.tokens };
      // The sum here is one of floating point numbers; the budget's own are exact.
      if (total.usd > maxUsd + 1e-9 || total.tokens > maxTokens)
        this.exceeded.push(`${scope} ${id}`);
    }
  }
}
