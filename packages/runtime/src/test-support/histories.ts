import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Annotation, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { OrchestraError } from "@orchestra/core";
import * as fc from "fast-check";
import { vi } from "vitest";
import { RunStateError } from "../errors/index.ts";
import type { RunEvent } from "../events/index.ts";
import { definePipeline } from "../pipelines/index.ts";
import { hasEnded, type Run } from "../runs/index.ts";
import type { Runtime } from "../runtime.ts";

/** The action of a step of the scripted pipeline; one that throws, throws once. */
const steps = ["work", "wait", "ask", "throw", "quota"] as const;
type Step = (typeof steps)[number];

/**
 * The operations on the run, or on its worker. `back` retries from the last step, and
 * `fork-back` forks from there.
 */
const commands = [
  "cancel",
  "resume",
  "retry",
  "back",
  "decide",
  "lapse",
  "pause",
  "fork",
  "fork-back",
] as const;
type Command = (typeof commands)[number];

export interface History {
  readonly plan: readonly Step[];
  readonly commands: readonly {
    readonly command: Command;
    /** Which of the history's runs: the first, or one of its forks. */
    readonly run: number;
    readonly afterMs: number;
  }[];
  /** Of the first run, and of each fork, from its start on. */
  readonly deadlineMs?: number | undefined;
}

export const histories: fc.Arbitrary<History> = fc.record({
  plan: fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 4 }),
  commands: fc.array(
    fc.record({
      command: fc.constantFrom(...commands),
      run: fc.nat({ max: 8 }),
      afterMs: fc.nat({ max: 40 }),
    }),
    { maxLength: 8 },
  ),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined, freq: 8 }),
});

class QuotaSpentError extends OrchestraError {
  override readonly name = "QuotaSpentError";
  readonly code = "quota_error";
  readonly retryAfterMs = 100;
}

/** The notes of a step. */
interface Note {
  readonly step: Step;
  /** Different in each execution, so that the results of two executions can be distinguished. */
  readonly drawn: string;
  /** The number that the step before has drawn. */
  readonly after: string | undefined;
}

const State = Annotation.Root({
  plan: Annotation<readonly Step[]>,
  trail: Annotation<Note[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
});

/** Follows its input, step by step, and notes each. */
export function scriptedPipeline() {
  const thrown = new Set<string>();
  const isFirst = (key: string) => !thrown.has(key) && thrown.add(key);
  return definePipeline({
    name: "scripted",
    create: ({ checkpointer }) =>
      new StateGraph(State)
        .addNode("go", async ({ plan, trail }, { configurable }) => {
          const at = trail.length;
          const step = plan[at]!;
          const key = `${String(configurable?.["run_id"])} ${at}`;
          if (step === "wait") await sleep(20);
          if (step === "ask") interrupt({ at });
          if (step === "throw" && isFirst(key)) throw new Error(`Step ${at} throws`);
          if (step === "quota" && isFirst(key)) throw new QuotaSpentError("The day is over");
          return { trail: [{ step, drawn: randomUUID(), after: trail.at(-1)?.drawn }] };
        })
        .addEdge(START, "go")
        .addConditionalEdges("go", ({ plan, trail }) => (trail.length < plan.length ? "go" : END))
        .compile({ checkpointer }),
  });
}

/** Runs one history; returns the problems of its result. */
export async function problemsOf(runtime: Runtime, history: History): Promise<string[]> {
  const { plan, commands, deadlineMs } = history;
  const deadline = () =>
    deadlineMs === undefined ? {} : { deadline: new Date(Date.now() + deadlineMs) };
  const { id } = await runtime.start("scripted", { plan }, deadline());
  const ids = [id];
  for (const { command, run, afterMs } of commands) {
    await sleep(afterMs);
    const told = await obey(runtime, ids[run % ids.length]!, command, deadline());
    if (told && !ids.includes(told.id)) ids.push(told.id);
  }
  const problems = await Promise.all(ids.map((each) => problemsOfOne(runtime, each, plan)));
  return problems.flat();
}

async function problemsOfOne(runtime: Runtime, id: string, plan: History["plan"]) {
  const run = await settle(runtime, id);
  await vi.waitUntil(async () => (await jobsOf(runtime, id)) === 0, { timeout: 240_000 });
  const events = await Array.fromAsync(runtime.events(id));
  return [...problemsOfEvents(events), ...problemsOfRun(run, plan)];
}

/** @returns the run, or its fork; `undefined` if its state did not allow the operation */
async function obey(
  runtime: Runtime,
  id: string,
  command: Command,
  deadline: { readonly deadline?: Date } = {},
): Promise<Run | void> {
  const acts: Record<Command, () => Promise<Run | void>> = {
    cancel: () => runtime.cancel(id),
    resume: () => runtime.resume(id),
    retry: () => runtime.retry(id),
    back: () => runtime.retry(id, { from: "go" }),
    decide: () => runtime.decide(id, "yes"),
    lapse: () => lapse(runtime, id),
    pause: () => Promise.resolve(),
    fork: () => runtime.fork(id, deadline),
    "fork-back": () => runtime.fork(id, { from: "go", ...deadline }),
  };
  try {
    return await acts[command]();
  } catch (error) {
    // The run's state does not allow it: the state depends on timing.
    if (!RunStateError.isInstance(error)) throw error;
  }
}

/** The worker of the run counts as dead, but continues. */
async function lapse({ database }: Runtime, id: string): Promise<void> {
  const { schema } = database;
  await database.query(
    `UPDATE "${schema}_queue".job
     SET state = 'retry', retry_count = retry_count + 1, start_after = now(), heartbeat_on = NULL
     WHERE name = 'run-jobs' AND state = 'active' AND data->>'runId' = $1`,
    [id],
  );
  await database.notify(`${schema}_work`, "");
}

async function jobsOf({ database: { query, schema } }: Runtime, id: string): Promise<number> {
  const [row] = await query<{ jobs: number }>(
    `SELECT count(*)::int AS jobs FROM "${schema}_queue".job
     WHERE name = 'run-jobs' AND data->>'runId' = $1 AND state <= 'active'`,
    [id],
  );
  return row!.jobs;
}

/** Answers the questions of the run until it has ended. */
async function settle(runtime: Runtime, id: string): Promise<Run> {
  await vi.waitUntil(
    async () => {
      const run = await runtime.get(id);
      if (run.waiting?.for === "interrupt") await obey(runtime, id, "decide");
      return hasEnded(run);
    },
    { timeout: 240_000, interval: 20 },
  );
  return runtime.get(id);
}

function problemsOfRun({ status, output, error, id }: Run, plan: readonly Step[]): string[] {
  const { trail = [] } = (output ?? {}) as { trail?: readonly Note[] };
  if (status === "succeeded" && !isWhole(trail, plan)) {
    return [`${id} succeeded with the trail ${JSON.stringify(trail)}`];
  }
  const isKnown = /^Step \d throws|deadline passed|lost its worker/.test(error?.message ?? "");
  if (status === "failed" && !isKnown) return [`${id} failed: ${error?.message}`];
  return status === "rejected" ? [`${id} was rejected`] : [];
}

/** Whether it has all steps, and each has continued from the one before. */
function isWhole(trail: readonly Note[], plan: readonly Step[]): boolean {
  const isInLine = ({ step, after }: Note, at: number) =>
    step === plan[at] && after === trail[at - 1]?.drawn;
  return trail.length === plan.length && trail.every(isInLine);
}

type Phase = "new" | "queued" | "running" | "waiting" | "ended";

/** The phases from which an event may come, and the phase after it. */
const transitions: Record<string, readonly [from: readonly Phase[], to: Phase | "same"]> = {
  "run-queued": [["new"], "queued"],
  "run-start": [["queued", "waiting"], "running"],
  "run-lost": [["running"], "queued"],
  "run-handed-back": [["running"], "queued"],
  "run-waiting": [["running"], "waiting"],
  "run-decision": [["waiting"], "queued"],
  "run-resumed": [["ended", "waiting"], "queued"],
  "run-retry": [["ended"], "queued"],
  "run-cancel-requested": [["queued", "running", "waiting"], "same"],
  "run-end": [["queued", "running", "waiting"], "ended"],
  "step-end": [["running"], "same"],
};

function problemsOfEvents(events: readonly RunEvent[]): string[] {
  let phase: Phase = "new";
  const problems: string[] = [];
  for (const [index, { type, number, runId }] of events.entries()) {
    if (number !== index + 1)
      problems.push(`${runId}: event ${index + 1} has the number ${number}`);
    const [from, to] = transitions[type] ?? [[], "same" as const];
    if (!from.includes(phase)) problems.push(`${runId}: ${type} (${number}) came while ${phase}`);
    if (to !== "same") phase = to;
  }
  return phase === "ended" ? problems : [...problems, `It is ${phase} at its end`];
}
