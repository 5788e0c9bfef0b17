import type { RunnableConfig } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { idempotencyKeyOf, type Review } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { definePipeline, type Pipeline } from "@orchestra/runtime";
import { z } from "zod";

/**
 * Research, validation and execution. The search tool has an effect on the external system.
 *
 * @param revisions - How often the findings are sent back, independent of the validator's verdict.
 */
export function researching(name: string, worldUrl: string, revisions: number): Pipeline {
  return definePipeline({
    name,
    input: z.object({ task: z.string() }),
    create: ({ orchestra, checkpointer }) =>
      researchValidateExecute({
        researcher: orchestra.researcher({ tools: [searchAt(worldUrl)] }),
        validator: orchestra.validator(),
        executor: orchestra.executor(),
        after: revisions > 0 ? { validate: sendBack(revisions) } : {},
        checkpointer,
      }),
  });
}

/** Steps of the graph in each round. */
const stepsOfRound = 3;

/** By LangGraph's number of the step, which is the same in each execution of a run. */
function sendBack(revisions: number) {
  return (review: Review, { metadata }: RunnableConfig): Review => {
    if (Number(metadata?.["langgraph_step"]) > revisions * stepsOfRound) return review;
    return { ...review, verdict: "revise", issues: [{ claim: null, problem: "Look again" }] };
  };
}

function searchAt(worldUrl: string) {
  return tool(
    async ({ query }, config: RunnableConfig) => {
      const run = String(config.configurable?.["run_id"]);
      const response = await fetch(worldUrl, {
        method: "POST",
        headers: { "idempotency-key": idempotencyKeyOf(config) ?? "none" },
        body: JSON.stringify({ run, query }),
        ...(config.signal ? { signal: config.signal } : {}),
      });
      if (!response.ok) throw new Error(`The world answers ${response.status}`);
      const text = "The lighthouse of Vell was built in 1871.";
      return JSON.stringify({ passages: [{ path: "vell.md", line: 3, text }] });
    },
    {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    },
  );
}
