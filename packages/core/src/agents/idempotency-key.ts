import type { RunnableConfig } from "@langchain/core/runnables";

/**
 * The idempotency key of a tool call, for a tool that changes something elsewhere: a string that is
 * the same when the call is made again after a crash, and another for every other call. Hand it to
 * the service that you write to, or ask for it before you write.
 *
 * It is made of the run's id, the step, the tool's name and arguments, the ids of the call and of the
 * model's answer, and the number of equal calls before it in the step. After a crash these are the same
 * where the run has a `run_id` and a journal; without a journal the model is asked again, and gives its
 * calls other ids.
 *
 * @param config - What LangChain hands to a tool's function as its second argument.
 * @returns nothing for a tool that no agent calls
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
