import { BaseCallbackHandler } from "@langchain/core/callbacks/base";

/**
 * Records in which step of a graph without checkpoints each error was thrown. With checkpoints LangGraph stores it
 * itself.
 */
export class FailedSteps extends BaseCallbackHandler {
  readonly name = "orchestra-failed-steps";
  override awaitHandlers = true;
  // Without this option, LangChain would await the handler for each token.
  override ignoreLLM = true;
  /** By the id of the LangChain run. Nested graphs belong to their outer step. */
  readonly #running = new Map<string, string>();
  readonly #failed = new Map<unknown, string>();

  /** The step that threw the error; `undefined` for any other error. */
  of(error: unknown): string | undefined {
    return this.#failed.get(error);
  }

  override handleChainStart(
    ...[, , runId, , , metadata]: Parameters<NonNullable<BaseCallbackHandler["handleChainStart"]>>
  ): void {
    const namespace: unknown = metadata?.["langgraph_checkpoint_ns"];
    // As "outer:55c8f6ad-…|inner:77d1c0e2-…", also without checkpoints.
    const step = typeof namespace === "string" ? /^[^:|]+/.exec(namespace)?.[0] : undefined;
    if (step !== undefined) this.#running.set(runId, step);
  }

  override handleChainEnd(_output: unknown, runId: string): void {
    this.#running.delete(runId);
  }

  override handleChainError(error: unknown, runId: string): void {
    const step = this.#running.get(runId);
    this.#running.delete(runId);
    if (step !== undefined) this.#failed.set(error, step);
  }
}
