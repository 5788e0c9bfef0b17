import type { BudgetStore } from "@orchestra/core";

/** A store of budgets that refuses nothing, and knows what is still held and what was booked, in tokens. */
export class OpenBudgets implements BudgetStore {
  readonly #held = new Map<string, number>();
  spentTokens = 0;

  get heldTokens(): number {
    return [...this.#held.values()].reduce((sum, tokens) => sum + tokens, 0);
  }

  async reserve({ id, amount }: Parameters<BudgetStore["reserve"]>[0]): Promise<undefined> {
    this.#held.set(id, amount.tokens);
  }

  async settle(id: string, { tokens }: Parameters<BudgetStore["settle"]>[1]): Promise<void> {
    if (this.#held.delete(id)) this.spentTokens += tokens;
  }

  async balance(): ReturnType<BudgetStore["balance"]> {
    const [spent, held] = [this.spentTokens, this.heldTokens];
    return { spent: { picoUsd: 0n, tokens: spent }, held: { picoUsd: 0n, tokens: held } };
  }

  async close(): Promise<void> {}
}
