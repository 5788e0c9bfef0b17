import { add, nothing, subtract, type Amount } from "./amount.ts";
import type {
  Balance,
  BudgetAccount,
  BudgetScope,
  BudgetStore,
  ReserveRequest,
  Shortage,
} from "./budget-store.ts";
import { exceeded } from "./exceeded.ts";

interface Account {
  readonly scope: BudgetScope;
  readonly id: string;
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
  readonly #accounts: Readonly<Record<BudgetScope, Map<string, Account>>> = {
    call: new Map(),
    run: new Map(),
    day: new Map(),
  };
  readonly #reservations = new Map<string, Held>();

  // The methods are atomic because none awaits anything between its check and its booking.

  async reserve({ id, accounts, amount }: ReserveRequest): Promise<Shortage | undefined> {
    const known = accounts.map(({ scope, id }) => this.#accounts[scope].get(id));
    for (const [index, account] of accounts.entries()) {
      const { spent, held } = known[index] ?? empty;
      const unit = exceeded({ spent, held }, amount, account.limit);
      if (unit) return { ...account, unit, balance: { spent, held } };
    }
    const opened = accounts.map((account, index) => known[index] ?? this.#open(account));
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

  async balance({ scope, id }: BudgetAccount): Promise<Balance> {
    const { spent, held } = this.#accounts[scope].get(id) ?? empty;
    return { spent, held };
  }

  async close({ scope, id }: BudgetAccount): Promise<void> {
    const known = this.#accounts[scope].get(id);
    if (!known) return;
    known.isClosed = true;
    this.#deleteIfDone(known);
  }

  #open({ scope, id }: BudgetAccount): Account {
    const account = { scope, id, spent: nothing, held: nothing, open: 0, isClosed: false };
    this.#accounts[scope].set(id, account);
    return account;
  }

  #deleteIfDone({ scope, id, isClosed, open }: Account): void {
    if (isClosed && open === 0) this.#accounts[scope].delete(id);
  }
}
