import { setTimeout as sleep } from "node:timers/promises";
import {
  hasEnded,
  outlastOutages,
  RunStateError,
  type Run,
  type Runtime,
} from "@orchestra/runtime";
import type { Shape } from "./shapes.ts";

const lookMs = 20;

/** How a run is started. */
export interface Beginning {
  readonly shape: Shape;
  /** The idempotency key of this run. */
  readonly key: string;
  /** Id of the run that forks are made from. */
  readonly origin: string;
}

/** Starts a run, and decides, resumes or retries it until it has ended. Calls are repeated if the database breaks. */
export async function drive(
  runtime: Runtime,
  beginning: Beginning,
  signal: AbortSignal,
): Promise<Run> {
  const id = await begin(runtime, beginning, signal);
  return seeToEnd(runtime, id, beginning.shape, signal);
}

/** @returns the run's id */
async function begin(runtime: Runtime, beginning: Beginning, signal: AbortSignal): Promise<string> {
  const { shape, key: idempotencyKey, origin } = beginning;
  const { pipeline, input, fork } = shape;
  if (shape.begins === "by a schedule") return beginBySchedule(runtime, beginning, signal);
  const { id } = await outlastOutages(() =>
    fork
      ? runtime.fork(origin, { from: fork.from, input: fork.input, idempotencyKey })
      : runtime.start(pipeline.name, input, { idempotencyKey }),
  );
  return id;
}

/** Does what the queue does when a schedule is due. */
async function beginBySchedule(
  { database }: Runtime,
  { shape: { pipeline, input }, key }: Beginning,
  signal: AbortSignal,
): Promise<string> {
  const { name } = pipeline;
  const work = {
    key,
    pipeline: name,
    inputJson: JSON.stringify(input),
    priority: 0,
    approval: false,
  };
  await outlastOutages(() =>
    database.query(
      `INSERT INTO "${database.schema}_queue".job
         (name, data, singleton_key, policy, group_id, heartbeat_seconds)
       SELECT 'schedules', $1::jsonb, $2, 'standard', $3, 10
       WHERE NOT EXISTS (SELECT 1 FROM "${database.schema}_queue".job WHERE singleton_key = $2)`,
      [JSON.stringify(work), key, name],
    ),
  );
  for (;;) {
    signal.throwIfAborted();
    const [run] = await outlastOutages(() =>
      database.query<{ id: string }>(
        `SELECT id FROM "${database.schema}".runs WHERE schedule = $1`,
        [key],
      ),
    );
    if (run) return run.id;
    await sleep(lookMs);
  }
}

/** Decides, resumes or retries a run until it has ended for the last time. */
async function seeToEnd(
  runtime: Runtime,
  id: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<Run> {
  for (;;) {
    signal.throwIfAborted();
    const run = await runtime.get(id);
    const isOver =
      hasEnded(run) && (shape.afterwards === undefined || (await wasRetried(runtime, id)));
    if (isOver) return run;
    await outlastOutages(() => help(runtime, run)).catch((error: unknown) => {
      // A call whose result was lost was carried out, so the repeated call is refused.
      if (!RunStateError.isInstance(error)) throw error;
    });
    await sleep(lookMs);
  }
}

async function help(runtime: Runtime, run: Run): Promise<void> {
  if (run.waiting?.for === "interrupt") await runtime.decide(run.id, "yes");
  else if (run.waiting?.for === "quota") await runtime.resume(run.id);
  else if (hasEnded(run)) await runtime.retry(run.id, { from: "tell" });
}

async function wasRetried(runtime: Runtime, id: string): Promise<boolean> {
  const events = await outlastOutages(() => Array.fromAsync(runtime.events(id)));
  return events.some(({ type }) => type === "run-retry");
}
