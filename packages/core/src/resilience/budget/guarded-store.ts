import { within, type Clock } from "../../clock/index.ts";
import { ModelError } from "../../errors/model-error.ts";
import { classOf } from "../class-of.ts";
import { nothing, type Amount } from "./amount.ts";
import {
  budgetScopes,
  maxStoreAnswerMs,
  type BudgetStore,
  type ReserveRequest,
  type Shortage,
} from "./budget-store.ts";

/** How long an answered call waits until a store has booked its cost, in milliseconds. */
const maxSettleMs = 500;

/**
 * A user's store. If it throws, returns an invalid value or does not answer before a request, the error names
 * the store. If it fails after a request, the error is reported, and the call still returns its answer. A
 * settlement that takes long continues in the background.
 */
export class GuardedStore implements Pick<BudgetStore, "reserve" | "settle" | "close"> {
  readonly #store: BudgetStore;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void;

  constructor(store: BudgetStore, clock: Clock, onError: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onError = onError;
  }

  async reserve(request: ReserveRequest): Promise<Shortage | undefined> {
    const asked = (async (): Promise<unknown> => this.#store.reserve(request))();
    try {
      const shortage = await this.#answerOf("reserve()", asked);
      if (shortage === undefined || shortage === null) return undefined;
      if (isShortage(shortage)) return shortage;
      throw this.#error(
        "reserve()",
        `answered ${kindOf(shortage)}: expected a shortage or nothing`,
      );
    } catch (error) {
      // It may nevertheless hold the amount, or do so later.
      const release = () => this.#store.settle(request.id, nothing);
      void asked.then(release, release).catch(() => undefined);
      throw error;
    }
  }

  async settle(id: string, actual: Amount): Promise<void> {
    const asked = (async (): Promise<unknown> => this.#store.settle(id, actual))();
    const noted = this.#answerOf("settle()", asked).catch(this.#onError);
    await within(this.#clock, maxSettleMs, noted);
  }

  async close(account: Parameters<BudgetStore["close"]>[0]): Promise<void> {
    await this.#store.close(account);
  }

  async #answerOf(method: string, asked: Promise<unknown>): Promise<unknown> {
    let answer: { readonly value: unknown } | undefined;
    try {
      const work = asked.then((value) => ({ value }));
      answer = await within(this.#clock, maxStoreAnswerMs, work);
    } catch (error) {
      const problem = error instanceof Error ? error.message : kindOf(error);
      throw this.#error(method, `failed: ${problem}`, error);
    }
    if (answer) return answer.value;
    throw this.#error(method, `gave no answer within ${maxStoreAnswerMs / 1000} s`);
  }

  #error(method: string, problem: string, cause?: unknown): ModelError {
    const store = `The budget store${classOf(this.#store)}`;
    return new ModelError(
      `${store} cannot keep the budget: ${method} ${problem}. Check options.budgetStore.`,
      { kind: "budget_error", reason: "limits_unavailable", isFinal: true },
      { cause },
    );
  }
}

function isShortage(value: unknown): value is Shortage {
  const { scope, unit, limit, balance } = (value ?? {}) as Partial<Shortage>;
  const isKnown = budgetScopes.some((known) => known === scope);
  if (!isKnown || (unit !== "usd" && unit !== "tokens")) return false;
  const { spent, held } = balance ?? {};
  const amounts = [limit, spent, held].map((amount) =>
    unit === "usd" ? typeof amount?.picoUsd === "bigint" : typeof amount?.tokens === "number",
  );
  return amounts.every(Boolean);
}

function kindOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" || typeof value === "function"
    ? `a ${typeof value}`
    : String(value);
}
