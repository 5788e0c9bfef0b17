import { ensureConfig } from "@langchain/core/runnables";
import {
  END,
  START,
  StateGraph,
  type CommandInstance,
  type CompiledGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { giveOwnSignals } from "../agents/own-signal.ts";
import type { Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import { checkInput } from "../input/check-input.ts";
import { readConfigurable } from "../gateway/call-options.ts";
import { cannotWait } from "./approval.ts";
import { afterApproval, approve, reject } from "./approval-nodes.ts";
import { inRun, isNested, runIdFor } from "./in-run.ts";
import { joinFindings } from "./join-findings.ts";
import { stateSchema, type PipelineState } from "./pipeline-state.ts";
import {
  optionsSchema,
  type Approved,
  type Found,
  type FoundByAll,
  type Researched,
  type ResearchValidateExecuteOptions,
  type Reviewed,
  type Takes,
  type Wiring,
} from "./research-validate-execute-options.ts";
import { requireRun } from "./require-run.ts";
import { checkRun, freshState, isNewRun, type PipelineInput } from "./run-input.ts";
import { deliverableGiven, findingsGiven, reviewGiven } from "./step-outputs.ts";
import { runAll, runStep, type RunStep, type Step } from "./step.ts";

/** The nodes; those of `after` exist only if the option has them. */
type Node =
  | "research"
  | "after.research"
  | "validate"
  | "after.validate"
  | "approve"
  | "execute"
  | "after.execute"
  | "reject";

/** The graph that {@link researchValidateExecute} returns. */
export type ResearchValidateExecute = CompiledGraph<
  Node | typeof START,
  PipelineState,
  Partial<PipelineState>,
  Record<string, unknown>,
  PipelineInput,
  PipelineState,
  unknown,
  CommandInstance
>;

/**
 * Research, then validation, then execution, as a LangGraph graph. The validator may send the
 * findings back to the researcher, with its issues, at most `maxRevisions` times. If it rejects them, or
 * still does not approve them, the run ends with the reasons and without a deliverable.
 *
 * With `approval`, a run that the validator approves waits for a person: the run is
 * interrupted with an {@link ApprovalRequest}, and continues with an {@link ApprovalDecision} by
 * `invoke(new Command({ resume: decision }), config)`.
 *
 * The graph is a runnable: `invoke({ task }, { signal })`, or `stream` it with `streamMode`
 * `"updates"` for the steps, or `"custom"` for all events (each an `OrchestraEvent`).
 *
 * @throws {ArgumentError} for invalid options
 */
export function researchValidateExecute<
  // The empty list lets the compiler infer a type for each researcher of a list.
  R extends Takes<ResearchTask, Findings> | readonly Takes<ResearchTask, Findings>[] | [],
  J extends Takes<FoundByAll<R>, Findings>,
  V extends Takes<Researched<R, J, AR>, Review>,
  E extends Takes<Approved<V, AV>, Deliverable>,
  AR extends Takes<Found<R, J>, Found<R, J>>,
  AV extends Takes<Reviewed<V>, Reviewed<V>>,
  AE extends Takes<Deliverable, Deliverable>,
>(options: Wiring<R, J, V, E, AR, AV, AE>): ResearchValidateExecute {
  checkInput(optionsSchema, options, "researchValidateExecute()");
  const steps = options as unknown as ResearchValidateExecuteOptions;
  const { maxRevisions = 2, checkpointer, approval, after = {} } = steps;
  const runResearch = researchOf(steps);
  const runValidation = runStep(steps.validator, "validate", reviewGiven);
  const runExecution = runStep(steps.executor, "execute", deliverableGiven);

  const waitsForPerson = (config: LangGraphRunnableConfig) =>
    approval === true || readConfigurable(config).approval === true;

  const research = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    // Before any cost; a graph inside another may have the checkpointer of the outer graph.
    if (waitsForPerson(config) && !graph.checkpointer && !isNested(config)) throw cannotWait();
    const { task, review } = state;
    const rework = review ? { previous: review.claims, issues: review.issues } : {};
    const findings = await runResearch({ task, ...rework }, inRun(state, config));
    const revisions = review ? state.revisions + 1 : state.revisions;
    return { findings, revisions, taskOfFindings: task };
  };

  const validate = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    const findings = onTask(state, state.findings as Findings);
    return { review: await runValidation(findings, inRun(state, config)) };
  };

  const execute = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    const review = onTask(state, state.review as Review);
    const { text: answer, citations } = await runExecution(review, inRun(state, config));
    return { status: "succeeded" as const, answer, citations, runId: runIdFor(state, config) };
  };

  const afterValidation = (
    { review, revisions }: PipelineState,
    config: LangGraphRunnableConfig,
  ) => {
    if (review?.verdict === "approve") return waitsForPerson(config) ? "approve" : "execute";
    return review?.verdict === "revise" && revisions < maxRevisions ? "research" : "reject";
  };

  const builder = new StateGraph(stateSchema)
    .addNode("research" as Node, research)
    .addNode("validate", validate)
    .addNode("approve", approve)
    .addNode("execute", execute)
    .addNode("reject", reject);

  /** Adds the step after `name`, if there is one, and returns the last node of the two. */
  const withStepAfter = (name: keyof typeof nodesAfter): Node => {
    const step = after[name];
    if (!step) return name;
    const node: Node = `after.${name}`;
    builder.addNode(node, nodesAfter[name](step as never, node)).addEdge(name, node);
    return node;
  };

  const graph = builder
    .addEdge(START, "research")
    .addEdge(withStepAfter("research"), "validate")
    .addConditionalEdges(withStepAfter("validate"), afterValidation, [
      "research",
      "approve",
      "execute",
      "reject",
    ])
    .addConditionalEdges("approve", afterApproval, ["execute", "reject"])
    .addEdge(withStepAfter("execute"), END)
    .addEdge("reject", END)
    .compile({ name: "research-validate-execute", ...(checkpointer ? { checkpointer } : {}) });

  giveOwnSignals(graph);
  const stream = graph.stream.bind(graph);
  // `invoke` streams too.
  graph.stream = (async (input, config) => {
    checkRun(input, config);
    // A graph inside another is continued with the outer one.
    if (!isNewRun(input) && !isNested(ensureConfig(config))) await requireRun(graph, config);
    const recursionLimit = Math.max(maxSteps(steps), config?.recursionLimit ?? 0);
    if (!isNewRun(input)) return stream(input, { ...config, recursionLimit });
    const { runId: run_id } = input;
    const own = run_id === undefined ? {} : { configurable: { ...config?.configurable, run_id } };
    return stream(freshState(input, config), { ...config, ...own, recursionLimit });
  }) as typeof graph.stream;
  // LangGraph's own type lets a run start without any field of the state.
  return graph as unknown as ResearchValidateExecute;
}

/** Number of steps of the longest run: all rounds, then the approval, the execution and the step after it. */
function maxSteps({ maxRevisions = 2, after = {} }: ResearchValidateExecuteOptions): number {
  const stepsOfRound = 2 + (after.research ? 1 : 0) + (after.validate ? 1 : 0);
  return (maxRevisions + 1) * stepsOfRound + 3;
}

/** Research by one, or by several at once. */
function researchOf({
  researcher,
  join = joinFindings,
}: ResearchValidateExecuteOptions): RunStep<ResearchTask, Findings> {
  if (!Array.isArray(researcher))
    return runStep(researcher as Step<ResearchTask, Findings>, "research", findingsGiven);
  const researchers = researcher as readonly Step<ResearchTask, Findings>[];
  const runResearchers = runAll(researchers, "research", findingsGiven);
  const runJoin = runStep(join, "join", findingsGiven);
  return async (task, config) => runJoin(await runResearchers(task, config), config);
}

type StepNode = (
  state: PipelineState,
  config: LangGraphRunnableConfig,
) => Promise<Partial<PipelineState>>;

/** Creates the nodes of the steps in `after`. */
const nodesAfter = {
  research(step: Step<Findings, Findings>, node: string): StepNode {
    const run = runStep(step, node, findingsGiven);
    return async (state, config) => ({
      findings: await run(state.findings as Findings, inRun(state, config)),
    });
  },
  validate(step: Step<Review, Review>, node: string): StepNode {
    const run = runStep(step, node, reviewGiven);
    return async (state, config) => ({
      review: await run(state.review as Review, inRun(state, config)),
    });
  },
  execute(step: Step<Deliverable, Deliverable>, node: string): StepNode {
    const run = runStep(step, node, deliverableGiven);
    return async (state, config) => {
      const { task, answer, citations } = state;
      const deliverable = await run({ task, text: answer, citations }, inRun(state, config));
      return { answer: deliverable.text, citations: deliverable.citations };
    };
  },
};

/** The same findings or review with the task of the run, which a fork may have replaced. */
function onTask<Made extends { readonly task: string }>(
  { task, taskOfFindings = task }: PipelineState,
  made: Made,
): Made {
  return task === taskOfFindings ? made : { ...made, task };
}
