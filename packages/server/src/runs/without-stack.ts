import type { Run, RunEvent } from "@orchestra/runtime";

/** A run, without the stack of its error. */
export function withoutStack(run: Run): Run {
  if (!run.error) return run;
  const { stack: _, ...error } = run.error;
  return { ...run, error };
}

/** An event, without the stack of its error. */
export function eventWithoutStack(event: RunEvent): RunEvent {
  if (event.type !== "run-end" || !event.error) return event;
  const { stack: _, ...error } = event.error;
  return { ...event, error };
}
