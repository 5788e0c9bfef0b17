import type { Environment, OrchestraEvent } from "@orchestra/core";
import type { DatabaseBackend, RunEvent } from "@orchestra/runtime";
import { questionNote } from "../presenter.ts";
import type { Output } from "../style.ts";
import type { View } from "../view/index.ts";
import { keptSteps } from "./kept-steps.ts";
import type { Ending, Job, Message } from "./messages.ts";
import { noStory, tell, type Story } from "./story.ts";
import { WorkerFailure } from "./worker-failure.ts";
import { WorkerProcess } from "./worker.ts";

export interface SupervisorOptions {
  readonly environment: Environment;
  readonly stderr: Output;
  readonly signal: AbortSignal;
  readonly onEvent: (event: OrchestraEvent) => void;
  /** Called at each event, until the first kill. */
  readonly shouldKill: (event: RunEvent) => boolean;
}

/** How one process ended. */
export type ProcessOutcome = Ending | { readonly kind: "killed"; readonly pid: number };

/** A process that is supervised. */
interface Supervised {
  readonly job: Job;
  readonly view: View;
  readonly worker: WorkerProcess;
  readonly outcome: PromiseWithResolvers<ProcessOutcome>;
}

/** Starts the processes that execute a run, one after the other, and collects what they report. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  #story: Story = noStory;
  #kills = 0;
  #after = "0";
  /** Older events are not shown: they were shown before, or happened long ago. */
  #shownAfter = 0;
  #question = "";
  #database: DatabaseBackend | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  get story(): Story {
    return this.#story;
  }

  get kills(): number {
    return this.#kills;
  }

  /** Number of the last event that was received. */
  get after(): string {
    return this.#after;
  }

  get hasRun(): boolean {
    return this.#question !== "";
  }

  /** The input of the run, as soon as there is one. */
  get question(): string {
    return this.#question;
  }

  /** Set when the database is open. */
  get database(): DatabaseBackend | undefined {
    return this.#database;
  }

  /**
   * Starts a process for the job, and resolves when it has ended.
   *
   * @throws {WorkerFailure} if the process cannot execute the run
   * @throws the signal's reason on an abort
   */
  async supervise(job: Job, view: View): Promise<ProcessOutcome> {
    const { environment, stderr, signal } = this.#options;
    signal.throwIfAborted();
    const outcome = Promise.withResolvers<ProcessOutcome>();
    const onMessage = (message: Message) => this.#handle(message, { job, view, worker, outcome });
    await using worker = new WorkerProcess(job, { environment, stderr, onMessage });
    const endEarly = async () => {
      await worker.gone;
      outcome.reject(new Error("The worker's process ended before its run"));
    };
    void endEarly();
    const stop = () => void worker.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await outcome.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      signal.throwIfAborted();
    }
  }

  #handle(message: Message, { job, view, worker, outcome }: Supervised): void {
    switch (message.type) {
      case "database":
        this.#database = message.backend;
        return;
      case "documents":
        return view.indexing(message.progress);
      case "note":
        return view.note(message.text);
      case "run":
        this.#question = message.question;
        // The process that continues a killed one has the same question.
        if (this.#kills === 0) view.note(questionNote(message.question));
        this.#shownAfter = job.kind === "resume" ? message.lastEvent : 0;
        return view.note(`Process ${worker.pid} works on run ${job.runId}.`);
      case "event":
        this.#keep(message.event);
        if ((message.event.number ?? Infinity) > this.#shownAfter) {
          show(message.event, this.#story, view);
        }
        if (this.#shouldKill(message.event)) {
          outcome.resolve({ kind: "killed", pid: worker.pid });
          void worker.kill();
        }
        return;
      case "ending":
        return outcome.resolve(message.ending);
      case "failure":
        return outcome.reject(new WorkerFailure(message.error));
    }
  }

  #shouldKill(event: RunEvent): boolean {
    if (this.#kills > 0 || !this.#options.shouldKill(event)) return false;
    this.#kills += 1;
    return true;
  }

  #keep(event: RunEvent): void {
    this.#story = tell(this.#story, event);
    this.#after = event.cursor;
    if (isOrchestraEvent(event)) this.#options.onEvent(event);
  }
}

function show(event: RunEvent, story: Story, view: View): void {
  if (isOrchestraEvent(event)) view.on(event);
  if (event.type === "run-start") keptSteps(story).forEach((words) => view.note(words));
}

function isOrchestraEvent(event: RunEvent): event is RunEvent & OrchestraEvent {
  return !event.type.startsWith("run-") && event.type !== "step-end";
}
