/** One agent at work: a task of the live view. */
export interface Step {
  readonly role: string;
  /** Model that is being asked, or that answered. */
  readonly model: string;
  /** The way to the model, where it is not the usual one. */
  readonly route: string;
  readonly status: "working" | "done" | "failed";
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
  /** Requests that are missing in that, since their cost is unknown. */
  readonly unknownCostAttempts: number;
  /** Retries, fallbacks, waits and tool calls, in their order. */
  readonly notes: readonly Note[];
  /** The text that is arriving. */
  readonly text: string;
  /** What came of it, in a few words. */
  readonly result: string;
}

export interface Note {
  readonly kind: "tool" | "retry" | "fallback" | "wait" | "replay";
  readonly text: string;
}

export function beginStep(role: string, model: string, now: number): Step {
  return {
    role,
    model,
    route: "",
    status: "working",
    startedAt: now,
    promptTokens: 0,
    completionTokens: 0,
    costUsd: 0,
    unknownCostAttempts: 0,
    notes: [],
    text: "",
    result: "",
  };
}

/** A step at which its process was killed; one that had ended stays as it is. */
export function endKilled(step: Step, now: number): Step {
  if (step.status !== "working") return step;
  return { ...step, status: "failed", endedAt: now, text: "", result: "killed" };
}
