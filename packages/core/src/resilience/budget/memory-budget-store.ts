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
    key_day: new Map(),
    key_month: new Map(),
    key: new Map(),
  };
  readonly #reservations = new Map<string, Held>();

  // The methods are atomic because none awaits anything between its check and its booking.

  async reserve({ id, accounts, amount }: ReserveRequest): Promise<Shortage | undefined> {
    const opened: Account[] = [];
    for (const requested of accounts) {
      const { scope, id, limit } = requested;
      const account = this.#accounts[scope].get(id) ?? emptyAccount(scope, id);
      const unit = exceeded(account, amount, limit);
      if (unit) {
        const { spent, held } = account;
        return { ...requested, unit, balance: { spent, held } };
      }
      opened.push(account);
    }
    for (const account of opened) {
      // One that holds nothing may be new.
      if (account.open === 0) this.#accounts[account.scope].set(account.id, account);
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

  #deleteIfDone({ scope, id, isClosed, open }: Account): void {
    if (isClosed && open === 0) this.#accounts[scope].delete(id);
  }
}

function emptyAccount(scope: BudgetScope, id: string): Account {
  return { scope, id, spent: nothing, held: nothing, open: 0, isClosed: false };
}
