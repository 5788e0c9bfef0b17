import { ArgumentError } from "@orchestra/core/gateway";
import { loadSaver } from "../checkpoints/index.ts";
import { describeStatus, RunNotFoundError, RunStateError } from "../errors/index.ts";
import { givenEpoch, nameCalls, readEntries, taskOf, type PathEntry } from "../journal/index.ts";
import { validInput, type PipelineRegistry } from "../pipelines/index.ts";
import { hasEnded, type Run, type RunRow, type Takeover } from "../runs/index.ts";
import {
  newRun,
  startedBefore,
  startRun,
  type StartOptions,
  type StartServices,
} from "./start-run.ts";
import { didNotReach, findPlace, listOf, requireReadable, type Place } from "../worker/fork.ts";
import { isGraph, type Graph } from "../worker/run-pipeline.ts";

export interface ForkOptions extends Omit<StartOptions, "schedule"> {
  /**
   * Where the fork continues: a step of the graph, as in `retry`; or a model call, by its step and its
   * number among the calls of that step (`research:2`), or by its number in the run (`2`). The results before it
   * are reused without cost; the rest is executed again.
   *
   * @defaultValue the beginning; calls with the same requests are answered from the journal
   */
  readonly from?: string;
  /**
   * With `from`, its fields replace those of the graph's state at that position.
   *
   * @defaultValue that of the other run
   */
  readonly input?: unknown;
  /**
   * Models by role, for the fork only, such as `{ executor: "openai/gpt-4o" }`. Each has precedence over the role's
   * own model.
   *
   * @defaultValue those of the other run
   */
  readonly models?: Readonly<Record<string, string>>;
}

export interface ForkControlOptions extends StartServices {
  readonly pipelines: PipelineRegistry;
  /** Maximum size of an input as JSON, in bytes. */
  readonly maxPayloadBytes: number;
}

/** The data that a fork takes from its origin. */
interface Taken extends Takeover {
  /** Where the graph continues; absent if the run starts at the beginning. */
  readonly at?: { readonly place: Place; readonly graph: Graph };
}

/** Starts runs that continue from others, as {@link Runtime.fork} describes. */
export class ForkControl {
  readonly #options: ForkControlOptions;

  constructor(options: ForkControlOptions) {
    this.#options = options;
  }

  async fork(id: string, options: ForkOptions): Promise<Run> {
    const { store, pipelines, database, maxPayloadBytes } = this.#options;
    const source = await store.find(id);
    if (!source) throw new RunNotFoundError(id);
    requireReadable(source);
    const { from, input, models, ...start } = options;
    const pipeline =
      from === undefined
        ? pipelines.current(source.pipeline)
        : pipelines.get(source.pipeline, source.version);
    const given = input === undefined ? source.input : validInput(pipeline, input, maxPayloadBytes);
    const run = {
      ...newRun(pipeline, given, {
        priority: source.priority,
        approval: source.approval,
        ...start,
      }),
      forkedFrom: { run: id, ...(from === undefined ? {} : { from }) },
      models: modelsOf(source, models),
    };
    // The other run may continue by now.
    const before = await startedBefore(store, run);
    if (before) return before;
    requireIdle(source);
    const entries = await readEntries(database, id);
    if (models) await this.#checkRoles(source, models, entries);
    const taken = await this.#takenOf(source, from, entries);
    const changed =
      input === undefined ? undefined : await this.#withInput(id, taken, given, run.id);
    return startRun(this.#options, run, async (transaction) => {
      if (changed) await transaction.query(changed.text, changed.values);
      await store.takeOver(transaction, run.id, source, taken);
    });
  }

  async #takenOf(
    source: RunRow,
    from: string | undefined,
    entries: readonly PathEntry[],
  ): Promise<Taken> {
    if (from === undefined) return { epoch: givenEpoch, entries };
    const { pipelines, database } = this.#options;
    const graph = await pipelines.runnable(source.pipeline, source.version);
    if (!isGraph(graph)) {
      return { epoch: givenEpoch, entries: entries.slice(0, callAt(source, from, entries, [])) };
    }
    const step = await findPlace(source, graph, ({ name }) => name === from);
    if (step.place) {
      const { from: before } = step.place;
      const at = { place: step.place, graph };
      return {
        epoch: 0,
        entries: await readEntries(database, source.id, { before }),
        upTo: before,
        at,
      };
    }
    const index = callAt(source, from, entries, step.steps);
    const task = taskOf(entries[index]!.step);
    const { place } = await findPlace(source, graph, (each) => each.id === task);
    if (!place) throw didNotReach(source, `the call ${from}`, "a call in a step of its graph");
    const before = await readEntries(database, source.id, { before: place.from });
    const tasks = new Set(place.tasks.map((each) => each.id));
    const inStep = entries.slice(0, index).filter((each) => tasks.has(taskOf(each.step) ?? ""));
    return { epoch: 0, entries: [...before, ...inStep], upTo: place.from, at: { place, graph } };
  }

  /** The checkpoint that the fork continues from, with the input of the fork in its state. */
  async #withInput(id: string, { at }: Taken, input: unknown, fork: string) {
    if (!at) return undefined;
    const from = { threadId: id, checkpointId: at.place.from };
    const saver = await loadSaver(this.#options.database);
    return saver.withInput(from, at.graph.channels, input, fork);
  }

  /** @throws {ArgumentError} for an unknown role */
  async #checkRoles(
    { pipeline, version }: RunRow,
    models: NonNullable<ForkOptions["models"]>,
    entries: readonly PathEntry[],
  ): Promise<void> {
    const { pipelines } = this.#options;
    await pipelines.runnable(pipeline, version);
    const called = nameCalls(entries).map(({ entry }) => entry.name);
    const known = new Set([...pipelines.roles, ...called]);
    const unknown = Object.keys(models).find((role) => !known.has(role));
    if (unknown === undefined) return;
    throw new ArgumentError(
      `fork(): options.models has the unknown role ${JSON.stringify(unknown)}: expected one of ${[...known].join(", ")}. A role is known when its agent or its model was made, when the run has called it, or when AGENT_MODEL_MAP names it.`,
    );
  }
}

/** The index of the call with that name. */
function callAt(
  source: RunRow,
  from: string,
  entries: readonly PathEntry[],
  steps: readonly string[],
): number {
  const calls = nameCalls(entries);
  const call = calls.find(({ name, number }) => name === from || String(number) === from);
  if (call) return entries.indexOf(call.entry);
  const names = listOf(calls.map(({ name }) => name));
  const expected =
    steps.length > 0
      ? `one of its steps: ${listOf(steps)}; or one of its calls: ${names}`
      : `one of its calls: ${names}`;
  throw didNotReach(source, `the step or the call ${JSON.stringify(from)}`, expected);
}

function modelsOf({ models: before }: RunRow, models: ForkOptions["models"]) {
  const all = { ...before, ...models };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** @throws {RunStateError} for a run that a worker executes or will execute */
function requireIdle(row: RunRow): void {
  const isIdle = row.status === "waiting" && row.waiting?.for !== "rate-limit";
  if (hasEnded(row) || isIdle) return;
  throw new RunStateError(
    `Run ${row.id} ${describeStatus(row.status)}: only a run that has ended, or waits for a decision or for quota, can be forked. Wait for its end, or cancel it first`,
    row.status,
  );
}
