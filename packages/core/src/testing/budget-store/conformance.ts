import { array, assert, asyncProperty, constantFrom, nat, record, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkInput } from "../../input/check-input.ts";
import { callback } from "../../input/schemas.ts";
import { add, nothing, subtract, type Amount } from "../../resilience/budget/amount.ts";
import type {
  AccountRequest,
  AmountLimit,
  Balance,
  BudgetStore,
  Shortage,
} from "../../resilience/budget/budget-store.ts";

const run = (id: string, limit: AmountLimit): AccountRequest => ({ scope: "run", id, limit });
const day = (limit: AmountLimit): AccountRequest => ({ scope: "day", id: "2026-01-01", limit });
const amount = (picoUsd: bigint, tokens = 0): Amount => ({ picoUsd, tokens });

/**
 * The behaviour that every {@link BudgetStore} must have.
 *
 * @param createStore - Creates an empty store. The previous store is not used any more.
 * @param numRuns - Number of random sequences of requests. @defaultValue `100`
 */
export function describeBudgetStore(
  name: string,
  createStore: () => Promise<BudgetStore>,
  { numRuns = 100 }: { readonly numRuns?: number } = {},
): void {
  checkInput(z.string(), name, "describeBudgetStore()", "name");
  checkInput(callback, createStore, "describeBudgetStore()", "createStore");
  describe(`${name} as a budget store`, () => {
    test("holds up to the limit and not a picodollar more", async () => {
      const store = await createStore();
      const account = run("a", { picoUsd: 100n });
      const reserve = (id: string, picoUsd: bigint) =>
        store.reserve({ id, accounts: [account], amount: amount(picoUsd) });
      expect(await reserve("1", 60n)).toBeUndefined();
      expect(await reserve("2", 41n)).toMatchObject({ scope: "run", id: "a", unit: "usd" });
      expect(await reserve("3", 40n)).toBeUndefined();
      expect(await reserve("4", 1n)).toBeDefined();
      expect(await reserve("5", 0n)).toBeUndefined();
    });

    test("holds up to the limit of tokens and not one more", async () => {
      const store = await createStore();
      const account = run("a", { tokens: 10 });
      const reserve = (id: string, tokens: number) =>
        store.reserve({ id, accounts: [account], amount: amount(10n ** 15n, tokens) });
      expect(await reserve("1", 11)).toMatchObject({ unit: "tokens" });
      expect(await reserve("2", 10)).toBeUndefined();
      expect(await reserve("3", 1)).toMatchObject({ unit: "tokens" });
    });

    test("holds on all accounts or on none, and returns the one whose limit it would exceed", async () => {
      const store = await createStore();
      const [wide, narrow] = [run("wide", { picoUsd: 100n }), day({ picoUsd: 10n })];
      const request = { id: "1", accounts: [wide, narrow], amount: amount(4n) };
      await store.reserve(request);
      await store.settle("1", amount(3n));
      await store.reserve({ ...request, id: "2" });
      expect(await store.reserve({ ...request, id: "3" })).toEqual({
        ...narrow,
        unit: "usd",
        balance: { spent: amount(3n), held: amount(4n) },
      });
      const balance = { spent: amount(3n), held: amount(4n) };
      expect([await store.balance(wide), await store.balance(narrow)]).toEqual([balance, balance]);
    });

    test("a refused reservation cannot be settled", async () => {
      const store = await createStore();
      const account = run("a", { picoUsd: 1n });
      await store.reserve({ id: "1", accounts: [account], amount: amount(2n) });
      await store.settle("1", amount(2n));
      expect(await store.balance(account)).toEqual({ spent: nothing, held: nothing });
    });

    test("books what was spent instead of what was held, and gives the rest back", async () => {
      const store = await createStore();
      const account = run("a", { picoUsd: 100n, tokens: 100 });
      await store.reserve({ id: "1", accounts: [account], amount: amount(80n, 70) });
      expect(await store.balance(account)).toEqual({ spent: nothing, held: amount(80n, 70) });
      await store.settle("1", amount(30n, 20));
      expect(await store.balance(account)).toEqual({ spent: amount(30n, 20), held: nothing });
      const rest = { accounts: [account], amount: amount(70n, 80) };
      expect(await store.reserve({ id: "2", ...rest })).toBeUndefined();
    });

    test("books more than was held, even beyond the limit, and then takes nothing more", async () => {
      const store = await createStore();
      const account = run("a", { picoUsd: 100n });
      await store.reserve({ id: "1", accounts: [account], amount: amount(80n) });
      await store.settle("1", amount(130n));
      expect(await store.balance(account)).toEqual({ spent: amount(130n), held: nothing });
      const more = { id: "2", accounts: [account], amount: nothing };
      expect(await store.reserve(more)).toMatchObject({ unit: "usd" });
    });

    test("settles once", async () => {
      const store = await createStore();
      const account = run("a", { picoUsd: 100n });
      await store.reserve({ id: "1", accounts: [account], amount: amount(10n) });
      await Promise.all([store.settle("1", amount(7n)), store.settle("1", amount(7n))]);
      await store.settle("1", nothing);
      await store.settle("no such", amount(7n));
      expect(await store.balance(account)).toEqual({ spent: amount(7n), held: nothing });
    });

    test("keeps accounts apart by scope and by id", async () => {
      const store = await createStore();
      const limit = { picoUsd: 10n };
      const accounts = [
        { scope: "run", id: "1", limit },
        { scope: "run", id: "2", limit },
        { scope: "call", id: "1", limit },
      ] as const;
      for (const [index, account] of accounts.entries()) {
        const request = { id: String(index), accounts: [account], amount: amount(10n) };
        expect(await store.reserve(request)).toBeUndefined();
      }
    });

    test("has nothing on an account that does not exist", async () => {
      const store = await createStore();
      expect(await store.balance(run("a", {}))).toEqual({ spent: nothing, held: nothing });
      await store.close(run("a", {}));
    });

    test("keeps what is held on a closed account until it is settled", async () => {
      const store = await createStore();
      const [closed, kept] = [run("a", { picoUsd: 10n }), day({ picoUsd: 10n })];
      await store.reserve({ id: "1", accounts: [closed, kept], amount: amount(4n) });
      await store.close(closed);
      expect(await store.balance(closed)).toEqual({ spent: nothing, held: amount(4n) });
      await store.settle("1", amount(3n));
      expect(await store.balance(kept)).toEqual({ spent: amount(3n), held: nothing });
    });

    test("concurrent reservations cannot exceed the limit together", async () => {
      const store = await createStore();
      const account = day({ picoUsd: 100n });
      const shortages = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          store.reserve({ id: String(index), accounts: [account], amount: amount(10n) }),
        ),
      );
      expect(shortages.filter((shortage) => shortage === undefined)).toHaveLength(10);
      expect(await store.balance(account)).toEqual({ spent: nothing, held: amount(100n) });
    });

    test("its sums are exact in any order of any requests", async () => {
      const some = tuple(nat({ max: 60 }), nat({ max: 60 })).map(([usd, tokens]) =>
        amount(BigInt(usd), tokens),
      );
      const step = record({
        do: constantFrom("reserve", "settle"),
        of: nat({ max: 1 }),
        with: nat(),
        amount: some,
      });
      await assert(
        asyncProperty(array(step, { maxLength: 40 }), async (steps) => {
          const store = await createStore();
          const model = new StoreModel();
          for (const { do: action, of, with: number, amount } of steps) {
            const account = run(String(of), { picoUsd: 100n, tokens: 100 });
            const accounts = [account, day({ picoUsd: 150n })];
            let isRefused = false;
            let shortage: Shortage | undefined;
            if (action === "reserve") {
              const id = model.nextId;
              isRefused = model.reserve(accounts, amount);
              shortage = await store.reserve({ id, accounts, amount });
            } else {
              const id = String(number % (model.made + 1));
              model.settle(id, amount);
              await store.settle(id, amount);
            }
            expect(shortage !== undefined).toBe(isRefused);
            expect(await store.balance(account)).toEqual(model.balance(account));
            expect(await store.balance(day({}))).toEqual(model.balance(day({})));
          }
        }),
        { numRuns },
      );
    });
  });
}

/** A simple model of the store. */
class StoreModel {
  made = 0;
  readonly #balances = new Map<string, Balance>();
  readonly #held = new Map<string, { accounts: readonly AccountRequest[]; amount: Amount }>();

  get nextId(): string {
    return String(this.made);
  }

  balance({ scope, id }: Pick<AccountRequest, "scope" | "id">): Balance {
    return this.#balances.get(scope + id) ?? { spent: nothing, held: nothing };
  }

  reserve(accounts: readonly AccountRequest[], amount: Amount): boolean {
    const isRefused = accounts.some((account) => {
      const { spent, held } = this.balance(account);
      const { picoUsd, tokens } = add(add(spent, held), amount);
      const { limit } = account;
      return picoUsd > (limit.picoUsd ?? picoUsd) || tokens > (limit.tokens ?? tokens);
    });
    if (!isRefused) {
      this.#held.set(this.nextId, { accounts, amount });
      this.#book(accounts, { held: amount });
    }
    this.made += 1;
    return isRefused;
  }

  settle(id: string, actual: Amount): void {
    const reservation = this.#held.get(id);
    if (!reservation) return;
    this.#held.delete(id);
    const given = subtract(nothing, reservation.amount);
    this.#book(reservation.accounts, { held: given, spent: actual });
  }

  #book(accounts: readonly AccountRequest[], change: Partial<Balance>): void {
    for (const account of accounts) {
      const { spent, held } = this.balance(account);
      this.#balances.set(account.scope + account.id, {
        spent: add(spent, change.spent ?? nothing),
        held: add(held, change.held ?? nothing),
      });
    }
  }
}
