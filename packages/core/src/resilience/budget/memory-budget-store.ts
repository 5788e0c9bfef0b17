import { add, nothing, subtract, type Amount } from "./amount.ts";
import type {
  Balance,
  BudgetAccount,
  BudgetStore,
  ReserveRequest,
  Shortage,
} from "./budget-store.ts";
import { exceeded } from "./exceeded.ts";

interface Account {
  spent: Amount;
  held: Amount;
  /** Reservations that are not settled. */
  open: number;
  isClosed: boolean;
}

interface Held {
  readonly amount: Amount;
  readonly keys: readonly string[];
}

/** The budgets of one process, in its memory. */
export class MemoryBudgetStore implements BudgetStore {
  readonly #accounts = new Map<string, Account>();
  readonly #reservations = new Map<string, Held>();

  // The methods are atomic because none awaits anything between its check and its booking.

  async reserve({ id, accounts, amount }: ReserveRequest): Promise<Shortage | undefined> {
    for (const account of accounts) {
      const balance = this.#balanceOf(keyOf(account));
      const unit = exceeded(balance, amount, account.limit);
      if (unit) return { ...account, unit, balance };
    }
    const keys = accounts.map(keyOf);
    this.#reservations.set(id, { amount, keys });
    for (const key of keys) {
      const account = this.#open(key);
      account.held = add(account.held, amount);
      account.open += 1;
    }
    return undefined;
  }

  async settle(id: string, actual: Amount): Promise<void> {
    const reservation = this.#reservations.get(id);
    if (!reservation) return;
    this.#reservations.delete(id);
    for (const key of reservation.keys) {
      const account = this.#open(key);
      account.held = subtract(account.held, reservation.amount);
      account.spent = add(account.spent, actual);
      account.open -= 1;
      this.#deleteIfDone(key, account);
    }
  }

  async balance(account: BudgetAccount): Promise<Balance> {
    return this.#balanceOf(keyOf(account));
  }

  async close(account: BudgetAccount): Promise<void> {
    const key = keyOf(account);
    const known = this.#accounts.get(key);
    if (!known) return;
    known.isClosed = true;
    this.#deleteIfDone(key, known);
  }

  #balanceOf(key: string): Balance {
    const { spent = nothing, held = nothing } = this.#accounts.get(key) ?? {};
    return { spent, held };
  }

  #open(key: string): Account {
    const known = this.#accounts.get(key);
    if (known) return known;
    const account = { spent: nothing, held: nothing, open: 0, isClosed: false };
    this.#accounts.set(key, account);
    return account;
  }

  #deleteIfDone(key: string, { isClosed, open }: Account): void {
    if (isClosed && open === 0) this.#accounts.delete(key);
  }
}

function keyOf({ scope, id }: BudgetAccount): string {
  return `${scope}:${id}`;
}
