import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The idempotency key of a tool call, for a tool with side effects: a string that is
 * the same if the call is repeated after a crash, and different for every other call. Pass it to
 * the service that you write to, or look it up there before you write.
 *
 * It is derived from the run's id, the step, the tool's name and arguments, the ids of the call and of the
 * model's answer, and the number of equal calls before it in the step. After a crash these are the same
 * if the run has a `run_id` and a journal. Without a journal the model is called again, and its
 * calls get other ids.
 *
 * @param config - The second argument that LangChain passes to a tool's function.
 * @returns `undefined` if the tool was not called by an agent
 *
 * @example
 * ```ts
 * const pay = tool(
 *   ({ amount }, config) => bank.pay(amount, { idempotencyKey: idempotencyKeyOf(config) }),
 *   { name: "pay", description: "Pays", schema: z.object({ amount: z.number() }) },
 * );
 * ```
 */
export function idempotencyKeyOf(
  config: Pick<RunnableConfig, "configurable"> | undefined,
): string | undefined {
  const key: unknown = config?.configurable?.["idempotency_key"];
  return typeof key === "string" ? key : undefined;
}
