import type { CallRecord } from "@orchestra/core";
import type { RunEvent } from "@orchestra/runtime";
import { corrected } from "../calls.ts";

/** A model call of a run. */
export interface StoryCall {
  readonly id: string;
  readonly role: string;
  /** Number of the execution that made it. */
  readonly execution: number;
  /** Absent while the call is in progress, and if its process was killed. */
  readonly record?: CallRecord;
  /** Index of the step whose checkpoint has its result. */
  readonly step?: number;
  /** Whether a later execution took its answer from the journal. */
  readonly isReplayed: boolean;
}

/** The calls and steps of a run, in all of its executions. */
export interface Story {
  /** Number of executions by workers. */
  readonly execution: number;
  readonly calls: readonly StoryCall[];
  /** Names of the completed steps. */
  readonly steps: readonly string[];
}

export const noStory: Story = { execution: 0, calls: [], steps: [] };

/** Adds an event to the story. */
export function tell(story: Story, event: RunEvent): Story {
  switch (event.type) {
    case "run-start":
      return { ...story, execution: event.execution };
    case "attempt-start":
      return withCall(story, event, {});
    case "call-end":
      return withCall(story, event, { record: event.record });
    case "call-replay":
      return withCall(story, event, { record: event.record, isReplayed: true });
    case "reconcile": {
      const record = story.calls.find(({ id }) => id === event.callId)?.record;
      return record ? withCall(story, event, { record: corrected(record, event) }) : story;
    }
    case "step-end": {
      const step = story.steps.length;
      const calls = story.calls.map((call) => (isOf(call, story) ? { ...call, step } : call));
      return { ...story, calls, steps: [...story.steps, event.step] };
    }
    default:
      return story;
  }
}

/** Calls of earlier executions that were not repeated: a checkpoint or the journal had their answers. */
export function savedCalls({ calls, execution }: Story): readonly StoryCall[] {
  return calls.filter((call) => call.execution < execution && isKept(call));
}

/** Calls of earlier executions that were cut off, or whose answers were lost; not those that failed. */
export function repeatedCalls({ calls, execution }: Story): readonly StoryCall[] {
  return calls.filter(
    (call) => call.execution < execution && !isKept(call) && call.record?.status !== "failed",
  );
}

/** The records of the calls that have one. */
export function recordsOf(calls: readonly StoryCall[]): readonly CallRecord[] {
  return calls.flatMap(({ record }) => record ?? []);
}

function withCall(
  story: Story,
  { callId: id, role }: { readonly callId: string; readonly role: string },
  news: Partial<StoryCall>,
): Story {
  const { calls, execution } = story;
  const index = calls.findIndex((call) => call.id === id);
  const call = calls[index] ?? { id, role, execution, isReplayed: false };
  const changed = { ...call, ...news };
  return { ...story, calls: index < 0 ? [...calls, changed] : calls.with(index, changed) };
}

/** Whether the step that ends now made the call, or got its answer from the journal. */
function isOf({ execution, isReplayed, record, step }: StoryCall, story: Story): boolean {
  return (
    step === undefined && record !== undefined && (isReplayed || execution === story.execution)
  );
}

function isKept({ record, step, isReplayed }: StoryCall): boolean {
  return record?.status === "succeeded" && (step !== undefined || isReplayed);
}
