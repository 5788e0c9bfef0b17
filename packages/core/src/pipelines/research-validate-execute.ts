import type { Runnable } from "@langchain/core/runnables";
import {
  END,
  isCommand,
  START,
  StateGraph,
  type BaseCheckpointSaver,
  type CommandInstance,
  type CompiledGraph,
  type LangGraphRunnableConfig,
} from "@langchain/langgraph";
import { z } from "zod";
import { giveOwnSignals } from "../agents/own-signal.ts";
import type { Citation, Deliverable, Findings, Review, ResearchTask } from "../agents/index.ts";
import { checkInput } from "../input/check-input.ts";
import { id, runnable, wholeFrom, withMethods } from "../input/schemas.ts";
import { runConfig } from "../models/call-options-schema.ts";
import { readConfigurable, runIdOf } from "../models/index.ts";
import type { EventListener } from "../usage/index.ts";
import { askPerson, cannotWait, withEdit, type ApprovalDecision } from "./approval.ts";

export interface ResearchValidateExecuteOptions {
  readonly researcher: Runnable<ResearchTask, Findings>;
  readonly validator: Runnable<Findings, Review>;
  readonly executor: Runnable<Review, Deliverable>;
  /** How often the Validator may send the findings back. @defaultValue `2` */
  readonly maxRevisions?: number;
  /** Keeps the state after each step, so that a run can go on where it stopped. @defaultValue none */
  readonly checkpointer?: BaseCheckpointSaver;
  /**
   * Whether every run waits for a person between validation and execution. It needs a checkpointer.
   *
   * @defaultValue `false`; a run may ask for it by `approval` in `configurable`
   */
  readonly approval?: boolean;
}

const optionsSchema = z.strictObject({
  researcher: runnable,
  validator: runnable,
  executor: runnable,
  maxRevisions: wholeFrom(0).optional(),
  checkpointer: withMethods("a checkpointer", "getTuple", "put", "putWrites").optional(),
  approval: z.boolean().optional(),
} satisfies Record<keyof ResearchValidateExecuteOptions, z.ZodType>);

const stateSchema = z.object({
  task: z.string(),
  runId: z.string().optional(),
  /** How often the findings went back. */
  revisions: z.number().default(0),
  findings: z.custom<Findings>().optional(),
  review: z.custom<Review>().optional(),
  /** What a person decided, where one was asked. */
  approval: z.custom<ApprovalDecision>().optional(),
  status: z.enum(["succeeded", "rejected"]).optional(),
  /** The deliverable, or why there is none. */
  answer: z.string().default(""),
  citations: z.custom<readonly Citation[]>().default([]),
  /** Why the Validator, or a person, turned the findings down. */
  reasons: z.array(z.string()).default([]),
});

/** The state of the graph, after each step and at its end. */
export interface PipelineState extends z.infer<typeof stateSchema> {}

/** What a run of the graph starts from. */
export interface PipelineInput {
  /** What is to be found out and written. */
  readonly task: string;
  /** @defaultValue `run_id` in `configurable`, else that of the graph around this one, else a new one */
  readonly runId?: string;
}

type Step = "research" | "validate" | "approve" | "execute" | "reject";

/** The graph that {@link researchValidateExecute} makes. */
export type ResearchValidateExecute = CompiledGraph<
  Step | typeof START,
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
 * findings back to the Researcher, with its issues, a bounded number of times; what it rejects, or
 * still would have revised after that, ends with its reasons and without a deliverable.
 *
 * Where approval is asked for, what the Validator approves waits for a person: the run is
 * interrupted with an {@link ApprovalRequest}, and continues with an {@link ApprovalDecision} by
 * `invoke(new Command({ resume: decision }), config)`.
 *
 * @throws {ArgumentError} for options that cannot work
 *
 * The graph is a runnable: `invoke({ task }, { signal })`, or `stream` it with `streamMode`
 * `"updates"` for steps, `"custom"` for everything that happens (each an `OrchestraEvent`).
 */
export function researchValidateExecute(
  options: ResearchValidateExecuteOptions,
): ResearchValidateExecute {
  checkInput(optionsSchema, options, "researchValidateExecute()");
  const { researcher, validator, executor, maxRevisions = 2, checkpointer, approval } = options;

  const waitsForPerson = (config: LangGraphRunnableConfig) =>
    approval === true || readConfigurable(config).approval === true;

  const research = async (state: PipelineState, config: LangGraphRunnableConfig) => {
    // Before anything is paid; a graph inside another may have that one's checkpointer.
    if (waitsForPerson(config) && !graph.checkpointer && !isNested(config)) throw cannotWait();
    const runId = state.runId ?? runIdOf(config);
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

  const afterValidation = (
    { review, revisions }: PipelineState,
    config: LangGraphRunnableConfig,
  ) => {
    if (review?.verdict === "approve") return waitsForPerson(config) ? "approve" : "execute";
    return review?.verdict === "revise" && revisions < maxRevisions ? "research" : "reject";
  };

  const graph = new StateGraph(stateSchema)
    .addNode("research", research)
    .addNode("validate", validate)
    .addNode("approve", approve)
    .addNode("execute", execute)
    .addNode("reject", reject)
    .addEdge(START, "research")
    .addEdge("research", "validate")
    .addConditionalEdges("validate", afterValidation, ["research", "approve", "execute", "reject"])
    .addConditionalEdges("approve", afterApproval, ["execute", "reject"])
    .addEdge("execute", END)
    .addEdge("reject", END)
    .compile({ name: "research-validate-execute", ...(checkpointer ? { checkpointer } : {}) });

  giveOwnSignals(graph);
  const stream = graph.stream.bind(graph);
  // `invoke` streams too.
  graph.stream = (async (input, config) => {
    checkRun(input, config);
    return stream(input, config);
  }) as typeof graph.stream;
  // LangGraph's own type lets a run start without any field of the state.
  return graph as unknown as ResearchValidateExecute;
}

const runInput = z.looseObject({
  task: z.string().min(1, "is empty").optional(),
  runId: id.optional(),
});

/** LangGraph has messages of its own for input that is no object; `null` continues a run. */
function checkRun(input: unknown, config: unknown): void {
  if (isObject(input) && !isCommand(input)) checkInput(runInput, input, "The run", "input");
  if (config !== undefined) checkInput(runConfig, config, "The run", "config");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Shows a person what is to be executed, and continues with what they decide. */
function approve({ review, runId = "" }: PipelineState, config: LangGraphRunnableConfig) {
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

function reject({ review, revisions, approval }: PipelineState) {
  const status = "rejected" as const;
  if (approval?.decision === "reject") {
    const { reason = "A person rejected the findings" } = approval;
    return { status, reasons: [reason], answer: reason };
  }
  const problems = (review?.issues ?? []).map(({ problem }) => problem);
  const tried = revisions > 0 ? [`${revisions} revisions did not fix it`] : [];
  const answer = problems[0] ?? "The findings were rejected";
  return { status, reasons: [...problems, ...tried], answer };
}

/** Whether the graph runs in a node of another one. */
function isNested({ configurable }: LangGraphRunnableConfig): boolean {
  return String(configurable?.["checkpoint_ns"]).includes("|");
}

/** Puts a step's calls into the run, and its events into the graph's stream. */
function inRun(
  runId: string | undefined,
  config: LangGraphRunnableConfig,
): LangGraphRunnableConfig {
  const on_event = announcer(config);
  return { ...config, configurable: { ...config.configurable, run_id: runId, on_event } };
}

/** Sends an event to the graph's stream and to the run's listener. */
function announcer(config: LangGraphRunnableConfig): EventListener {
  const { on_event } = readConfigurable(config);
  return (event) => {
    config.writer?.(event);
    on_event?.(event);
  };
}
