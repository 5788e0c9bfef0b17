import { ensureConfig, type RunnableConfig } from "@langchain/core/runnables";
import {
  END,
  isCommand,
  START,
  StateGraph,
  type CommandInstance,
  type CompiledGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { z } from "zod";
import { giveOwnSignals } from "../agents/own-signal.ts";
import type { Citation, Deliverable, Findings, ResearchTask, Review } from "../agents/index.ts";
import { expected } from "../errors/explain-issue.ts";
import { checkInput } from "../input/check-input.ts";
import { id } from "../input/schemas.ts";
import { runConfig } from "../models/call-options-schema.ts";
import { madeRuns } from "../call/open-runs.ts";
import { isObject } from "../input/is-object.ts";
import { readConfigurable, runIdOf } from "../models/index.ts";
import type { EventListener } from "../usage/index.ts";
import { askPerson, cannotWait, withEdit, type ApprovalDecision } from "./approval.ts";
import { joinFindings } from "./join-findings.ts";
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
import { deliverableGiven, findingsGiven, reviewGiven } from "./step-outputs.ts";
import { runAll, runStep, type RunStep, type Step } from "./step.ts";

/** The state of the graph, after each step and at its end. */
export interface PipelineState {
  /** The task. */
  task: string;
  /** Id of the run, in the ledger and the log. */
  runId: string;
  /** How often the findings were sent back. */
  revisions: number;
  /** The latest findings. */
  findings?: Findings | undefined;
  /** The task that the findings are on: another one than `task` where a run was forked with other input. */
  taskOfFindings?: string | undefined;
  /** The latest review. */
  review?: Review | undefined;
  /** The decision of a person, if the run needed one. */
  approval?: ApprovalDecision | undefined;
  /** `undefined` until the run ends. */
  status?: "succeeded" | "rejected" | undefined;
  /** The deliverable, or why there is none. */
  answer: string;
  /** The sources that the answer names as `[number]`. */
  citations: readonly Citation[];
  /** Why the validator or a person rejected the findings. */
  reasons: string[];
}

const stateSchema = z.object({
  task: z.string(),
  runId: z.string(),
  revisions: z.number().default(0),
  findings: z.custom<Findings>().optional(),
  taskOfFindings: z.string().optional(),
  review: z.custom<Review>().optional(),
  approval: z.custom<ApprovalDecision>().optional(),
  status: z.enum(["succeeded", "rejected"]).optional(),
  answer: z.string().default(""),
  citations: z.custom<readonly Citation[]>().default([]),
  reasons: z.array(z.string()).default([]),
}) satisfies z.ZodType<PipelineState>;

/** Input of a run. */
export interface PipelineInput {
  /** The task. */
  readonly task: string;
  /** @defaultValue `run_id` in `configurable`, else that of the graph around this one, else a new one */
  readonly runId?: string;
}

/** The nodes; those of `after` are there where it has them. */
type Node =
  | "research"
  | "after.research"
  | "validate"
  | "after.validate"
  | "approve"
  | "execute"
  | "after.execute"
  | "reject";

/** The graph that {@link researchValidateExecute} makes. */
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
 * Research, then validation, then execution, as a LangGraph graph. The Validator may send the
 * findings back to the Researcher, with its issues, at most `maxRevisions` times. If it rejects them, or
 * does not approve them after that, the run ends with the reasons and without a deliverable.
 *
 * With `approval`, a run that the Validator approves waits for a person: the run is
 * interrupted with an {@link ApprovalRequest}, and continues with an {@link ApprovalDecision} by
 * `invoke(new Command({ resume: decision }), config)`.
 *
 * @throws {ArgumentError} for options that cannot work
 *
 * The graph is a runnable: `invoke({ task }, { signal })`, or `stream` it with `streamMode`
 * `"updates"` for steps, `"custom"` for everything that happens (each an `OrchestraEvent`).
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
    // Before anything is paid; a graph inside another may have that one's checkpointer.
    if (waitsForPerson(config) && !graph.checkpointer && !isNested(config)) throw cannotWait();
    const { task, review, runId } = state;
    const rework = review ? { previous: review.claims, issues: review.issues } : {};
    const findings = await runResearch({ task, ...rework }, inRun(runId, config));
    const revisions = review ? state.revisions + 1 : state.revisions;
    return { findings, revisions, taskOfFindings: task };
  };

  const validate = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    const findings = onTask(state, state.findings as Findings);
    return { review: await runValidation(findings, inRun(state.runId, config)) };
  };

  const execute = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    const { runId } = state;
    const review = onTask(state, state.review as Review);
    const deliverable = await runExecution(review, inRun(runId, config));
    const { text, citations } = deliverable;
    const { run_id = runId } = readConfigurable(config);
    return { status: "succeeded" as const, answer: text, citations, runId: run_id };
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
  const withStepAfter = (name: keyof typeof between): Node => {
    const step = after[name];
    if (!step) return name;
    const node: Node = `after.${name}`;
    builder.addNode(node, between[name](step as never, node)).addEdge(name, node);
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
    // A graph inside another is continued with that one.
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

/** Steps of the longest run: every round, then the approval, the execution and the step behind it. */
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

/** The nodes of the steps in between. */
const between = {
  research(step: Step<Findings, Findings>, node: string): StepNode {
    const run = runStep(step, node, findingsGiven);
    return async ({ findings, runId }, config) => ({
      findings: await run(findings as Findings, inRun(runId, config)),
    });
  },
  validate(step: Step<Review, Review>, node: string): StepNode {
    const run = runStep(step, node, reviewGiven);
    return async ({ review, runId }, config) => ({
      review: await run(review as Review, inRun(runId, config)),
    });
  },
  execute(step: Step<Deliverable, Deliverable>, node: string): StepNode {
    const run = runStep(step, node, deliverableGiven);
    return async ({ task, answer, citations, runId }, config) => {
      const deliverable = await run({ task, text: answer, citations }, inRun(runId, config));
      return { answer: deliverable.text, citations: deliverable.citations };
    };
  },
};

const taskIsExpected = expected("a text that says what is to be found out and written");

const runInput = z.looseObject(
  { task: z.string({ error: taskIsExpected }).min(1, "is empty"), runId: id.optional() },
  { error: expected('an object with a task, such as { task: "…" }') },
);

/** `null` continues a run, and so does a command. */
function checkRun(input: unknown, config: unknown): void {
  if (input !== null && !isCommand(input)) checkInput(runInput, input, "The run", "input");
  if (config !== undefined) checkInput(runConfig, config, "The run", "config");
}

/** A command, or nothing, continues a run. */
function isNewRun(input: unknown): input is PipelineInput {
  return isObject(input) && !isCommand(input);
}

/** A thread may have had another run before: nothing of its state is left. */
function freshState({ task, runId }: PipelineInput, config: RunnableConfig | undefined) {
  const id = runId ?? runIdOf(ensureConfig(config));
  // A thread is kept: the run may be continued by a later invocation, with the budget that it has.
  if (config?.configurable?.["thread_id"] !== undefined) madeRuns.ids.delete(id);
  return {
    task,
    // Known from the start, so that a run that is interrupted in its first step keeps it.
    runId: id,
    revisions: 0,
    findings: undefined,
    taskOfFindings: undefined,
    review: undefined,
    approval: undefined,
    status: undefined,
    answer: "",
    citations: [],
    reasons: [],
  } satisfies PipelineState;
}

/** What was made for one task, for the one that the run has been given since. */
function onTask<Made extends { readonly task: string }>(
  { task, taskOfFindings = task }: PipelineState,
  made: Made,
): Made {
  return task === taskOfFindings ? made : { ...made, task };
}

/** Shows a person what is to be executed, and continues with what they decide. */
function approve(state: PipelineState, config: LangGraphRunnableConfig) {
  const { review } = state;
  const { run_id: runId = state.runId } = readConfigurable(config);
  const announce = announcer(config);
  const asked = review as Review;
  const decided = askPerson({ type: "approval", review: asked }, () =>
    announce({ type: "approval-request", runId, review: asked }),
  );
  const { decision, by } = decided;
  const reason = decision === "reject" ? decided.reason : decided.note;
  announce({ type: "approval-decision", runId, decision, by, reason });
  return {
    approval: decided,
    review: decision === "edit" ? withEdit(asked, decided.review) : asked,
  };
}

function afterApproval({ approval }: PipelineState) {
  return approval?.decision === "reject" ? "reject" : "execute";
}

function reject(state: PipelineState, config: LangGraphRunnableConfig) {
  const { review, revisions, approval } = state;
  const { run_id: runId = state.runId } = readConfigurable(config);
  const rejected = { status: "rejected" as const, runId };
  if (approval?.decision === "reject") {
    const { reason = "A person rejected the findings" } = approval;
    return { ...rejected, reasons: [reason], answer: reason };
  }
  const problems = (review?.issues ?? []).map(({ problem }) => problem);
  const tried = revisions > 0 ? [`${revisions} revisions did not fix it`] : [];
  const answer = problems[0] ?? "The findings were rejected";
  return { ...rejected, reasons: [...problems, ...tried], answer };
}

/** Whether the graph runs in a node of another one. */
function isNested({ configurable }: LangGraphRunnableConfig): boolean {
  return String(configurable?.["checkpoint_ns"]).includes("|");
}

/**
 * Puts a step's calls into the run, and its events into the graph's stream.
 *
 * @param runId - The run that the state began with. One that the config names wins: it may continue from
 * the state of another run.
 */
function inRun(runId: string, config: LangGraphRunnableConfig): LangGraphRunnableConfig {
  const { run_id = runId } = readConfigurable(config);
  const on_event = announcer(config);
  return { ...config, configurable: { ...config.configurable, run_id, on_event } };
}

/** Sends an event to the graph's stream and to the run's listener. */
function announcer(config: LangGraphRunnableConfig): EventListener {
  const { on_event } = readConfigurable(config);
  return (event) => {
    config.writer?.(event);
    on_event?.(event);
  };
}
