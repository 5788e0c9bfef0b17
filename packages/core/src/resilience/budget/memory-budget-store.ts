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
  readonly key: string;
  spent: Amount;
  held: Amount;
  /** Reservations that are not settled. */
  open: number;
  isClosed: boolean;
}

interface Held {
  readonly amount: Amount;
  /** They are kept until this is settled. */
  readonly accounts: readonly Account[];
}

const empty: Balance = { spent: nothing, held: nothing };

/** The budgets of one process, in its memory. */
export class MemoryBudgetStore implements BudgetStore {
  readonly #accounts = new Map<string, Account>();
  readonly #reservations = new Map<string, Held>();

  // The methods are atomic because none awaits anything between its check and its booking.

  async reserve({ id, accounts, amount }: ReserveRequest): Promise<Shortage | undefined> {
    const keys = accounts.map(keyOf);
    for (const [index, account] of accounts.entries()) {
      const { spent, held } = this.#accounts.get(keys[index] ?? "") ?? empty;
      const unit = exceeded({ spent, held }, amount, account.limit);
      if (unit) return { ...account, unit, balance: { spent, held } };
    }
    const opened = keys.map((key) => this.#open(key));
    for (const account of opened) {
      account.held = add(account.held, amount);
      account.open += 1;
    }
    this.#reservations.set(id, { amount, accounts: opened });
    return undefined;
  }

  async settle(id: string, actual: Amount): Promise<void> {
    const reservation = this.#reservations.get(id);
    if (!reservation) return;
    this.#reservations.delete(id);
    for (const account of reservation.accounts) {
      account.held = subtract(account.held, reservation.amount);
      account.spent = add(account.spent, actual);
      account.open -= 1;
      this.#deleteIfDone(account);
    }
  }

  async balance(account: BudgetAccount): Promise<Balance> {
    const { spent, held } = this.#accounts.get(keyOf(account)) ?? empty;
    return { spent, held };
  }

  async close(account: BudgetAccount): Promise<void> {
    const known = this.#accounts.get(keyOf(account));
    if (!known) return;
    known.isClosed = true;
    this.#deleteIfDone(known);
  }

  #open(key: string): Account {
    const known = this.#accounts.get(key);
    if (known) return known;
    const account = { key, spent: nothing, held: nothing, open: 0, isClosed: false };
    this.#accounts.set(key, account);
    return account;
  }

  #deleteIfDone({ key, isClosed, open }: Account): void {
    if (isClosed && open === 0) this.#accounts.delete(key);
  }
}

function keyOf({ scope, id }: BudgetAccount): string {
  return `${scope}:${id}`;
}
