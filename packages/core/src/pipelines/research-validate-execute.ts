import { randomUUID } from "node:crypto";
import type { Runnable } from "@langchain/core/runnables";
import {
  END,
  START,
  StateGraph,
  type BaseCheckpointSaver,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { z } from "zod";
import { withOwnSignal } from "../agents/own-signal.ts";
import type { Citation, Deliverable, Findings, Review, ResearchTask } from "../agents/index.ts";
import { readConfigurable } from "../models/index.ts";
import type { OrchestraEvent } from "../usage/index.ts";

export interface ResearchValidateExecuteOptions {
  readonly researcher: Runnable<ResearchTask, Findings>;
  readonly validator: Runnable<Findings, Review>;
  readonly executor: Runnable<Review, Deliverable>;
  /** How often the Validator may send the findings back. @defaultValue `2` */
  readonly maxRevisions?: number;
  /** Keeps the state after each step, so that a run can go on where it stopped. @defaultValue none */
  readonly checkpointer?: BaseCheckpointSaver;
}

const stateSchema = z.object({
  task: z.string(),
  runId: z.string().optional(),
  /** How often the findings went back. */
  revisions: z.number().default(0),
  findings: z.custom<Findings>().optional(),
  review: z.custom<Review>().optional(),
  status: z.enum(["succeeded", "rejected"]).optional(),
  /** The deliverable, or why there is none. */
  answer: z.string().default(""),
  citations: z.custom<readonly Citation[]>().default([]),
  /** Why the Validator turned the findings down. */
  reasons: z.array(z.string()).default([]),
});

export type PipelineState = z.infer<typeof stateSchema>;

/**
 * Research, then validation, then execution, as a LangGraph graph. The Validator may send the
 * findings back to the Researcher, with its issues, a bounded number of times; what it rejects, or
 * still would have revised after that, ends with its reasons and without a deliverable.
 *
 * The graph is a runnable: `invoke({ task }, { signal })`, or `stream` it with `streamMode`
 * `"updates"` for steps, `"custom"` for everything that happens ({@link OrchestraEvent}).
 */
export function researchValidateExecute(options: ResearchValidateExecuteOptions) {
  const { researcher, validator, executor, maxRevisions = 2, checkpointer } = options;

  const research = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    const runId = state.runId ?? readConfigurable(config).run_id ?? randomUUID();
    const { task, review } = state;
    const rework = review ? { previous: review.claims, issues: review.issues } : {};
    const findings = await researcher.invoke({ task, ...rework }, inRun(runId, config));
    return { runId, findings, ...(review ? { revisions: state.revisions + 1 } : {}) };
  };

  const validate = async ({ findings, runId }: PipelineState, config: LangGraphRunnableConfig) => ({
    review: await validator.invoke(findings as Findings, inRun(runId, config)),
  });

  const execute = async ({ review, runId }: PipelineState, config: LangGraphRunnableConfig) => {
    const { text, citations } = await executor.invoke(review as Review, inRun(runId, config));
    return { status: "succeeded" as const, answer: text, citations };
  };

  const afterValidation = ({ review, revisions }: PipelineState) => {
    if (review?.verdict === "approve") return "execute";
    return review?.verdict === "revise" && revisions < maxRevisions ? "research" : "reject";
  };

  const graph = new StateGraph(stateSchema)
    .addNode("research", research)
    .addNode("validate", validate)
    .addNode("execute", execute)
    .addNode("reject", reject)
    .addEdge(START, "research")
    .addEdge("research", "validate")
    .addConditionalEdges("validate", afterValidation, ["research", "execute", "reject"])
    .addEdge("execute", END)
    .addEdge("reject", END)
    .compile({ name: "research-validate-execute", ...(checkpointer ? { checkpointer } : {}) });

  // `invoke` streams too.
  const stream = graph.stream.bind(graph);
  graph.stream = ((input, config) =>
    stream(input, config && withOwnSignal(config))) as typeof graph.stream;
  return graph;
}

function reject({ review, revisions }: PipelineState) {
  const problems = (review?.issues ?? []).map(({ problem }) => problem);
  const tried = revisions > 0 ? [`${revisions} revisions did not mend it`] : [];
  const answer = problems[0] ?? "The findings were rejected";
  return { status: "rejected" as const, reasons: [...problems, ...tried], answer };
}

/** Puts a step's calls into the run, and its events into the graph's stream. */
function inRun(
  runId: string | undefined,
  config: LangGraphRunnableConfig,
): LangGraphRunnableConfig {
  const { on_event } = readConfigurable(config);
  const announce = (event: OrchestraEvent) => {
    config.writer?.(event);
    on_event?.(event);
  };
  return { ...config, configurable: { ...config.configurable, run_id: runId, on_event: announce } };
}
