import { createRedactor, resolveSettings, type OrchestraEvent } from "@orchestra/core";
import type { DatabaseBackend } from "@orchestra/runtime";
import type { SandboxOptions } from "@orchestra/sandbox";
import type { AskCommand, ResumeCommand } from "../arguments.ts";
import { openBackend } from "../backend.ts";
import type { Outcome } from "../outcome.ts";
import { OutFile } from "../out-file.ts";
import type { Presenter } from "../presenter.ts";
import { markdown } from "../report/index.ts";
import type { Output } from "../style.ts";
import { compareBooks } from "./books.ts";
import { factsOf, type DurableFacts } from "./facts.ts";
import { killPoint } from "./kill-point.ts";
import { lockDatabase } from "./lock-database.ts";
import type { Job } from "./messages.ts";
import { outcomeOfRun } from "./outcome-of-run.ts";
import { findPlace, traceCommand } from "./place.ts";
import { scratchFolder } from "./scratch-folder.ts";
import { recordsOf } from "./story.ts";
import { Supervisor, type ProcessOutcome } from "./supervisor.ts";
import { resumeCommand } from "./resume-command.ts";

export interface AnswerDurablyOptions {
  readonly command: AskCommand | ResumeCommand;
  readonly environment: NodeJS.ProcessEnv;
  readonly presenter: Presenter;
  readonly stderr: Output;
  /** Whether logs were asked for. */
  readonly logs: boolean;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: OrchestraEvent) => void;
  /** Receives the facts of the run at the end, also after a failure. */
  readonly onFacts: (facts: DurableFacts) => void;
}

/** Latencies of the sandbox, so that a user can see the steps. */
const unhurried: SandboxOptions = { latency: { firstTokenMs: 150, betweenTokensMs: 15 } };

/**
 * Runs the pipeline in a process, kills that process in the middle, and continues the run in another one.
 * The sandbox is in this process and survives the kill, as OpenRouter would.
 */
export async function answerDurably(options: AnswerDurablyOptions): Promise<Outcome> {
  const { command, environment, presenter, stderr, logs, runId, signal, onEvent, onFacts } =
    options;
  const startedAt = new Date().toISOString();
  await using backend = await openBackend(environment, unhurried);
  const { sandbox } = backend;
  await using out = command.out === undefined ? undefined : await OutFile.prepare(command.out);
  const place = await findPlace(environment);
  await using scratch = await scratchFolder();
  const workers = {
    ...backend.environment,
    ...place.environment,
    ...modelFor(command),
    TMPDIR: scratch.path,
  };
  const redact = createRedactor(resolveSettings({}, workers));
  presenter.begin(backend.notice, redact);

  await using _held = await lockDatabase(workers, {
    signal,
    onWait: () => presenter.say("Another demo is at work on this database; waiting for it."),
  });
  const shouldKill = command.name === "ask" ? killPoint(sandbox) : () => false;
  const supervisor = new Supervisor({ environment: workers, stderr, signal, onEvent, shouldKill });
  const supervise = async (job: Job, ...words: readonly string[]) => {
    using view = presenter.createView();
    for (const line of words) view.note(line);
    const outcome = await supervisor.supervise(job, view);
    if (outcome.kind === "killed") view.killed();
    return outcome;
  };

  let ended: ProcessOutcome | undefined;
  try {
    ended = await supervise(firstJob(command, { runId, logs }), place.notice);
    if (ended.kind === "killed") {
      sandbox?.clear();
      const { after, database } = supervisor;
      const words = [wordsOfKill(ended.pid), wordsOfResumption(database)];
      ended = await supervise({ kind: "resume", runId, logs, after }, ...words);
    }
    const outcome = outcomeOfRun(ended, { runId, question: supervisor.question });
    if (outcome.status === "succeeded") await out?.write(redact(markdown(outcome)));
    return outcome;
  } finally {
    const { database, kills, story } = supervisor;
    // The sandbox has only the calls of this demo.
    const records = recordsOf(story.calls).filter((record) => record.startedAt >= startedAt);
    const books = sandbox && compareBooks(sandbox.books, records);
    const trace = traceCommand(runId, place);
    const resume = resumeCommand(runId, ended, command);
    if (database && supervisor.hasRun) {
      onFacts(factsOf(story, { runId, kills, database, books, trace, resume }));
    }
  }
}

/** `--model` has precedence over the user's variables. */
function modelFor({ model }: { readonly model: string | undefined }) {
  return model === undefined ? {} : { OPENROUTER_DEFAULT_MODEL: model, AGENT_MODEL_MAP: undefined };
}

function firstJob(command: AskCommand | ResumeCommand, common: Pick<Job, "runId" | "logs">): Job {
  if (command.name === "resume") return { kind: "resume", after: "0", ...common };
  const { question, folder } = command;
  return { kind: "start", question, folder, ...common };
}

function wordsOfKill(pid: number): string {
  return `Killed process ${pid} with SIGKILL, in the middle of the executor's call.`;
}

function wordsOfResumption(database: DatabaseBackend | undefined): string {
  return database === "pglite"
    ? "A new process continues the run."
    : "A new process continues the run when the lease of the killed one has lapsed, in about ten seconds.";
}
