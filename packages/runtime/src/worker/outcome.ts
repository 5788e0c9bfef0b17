import { OrchestraError, type ModelError } from "@orchestra/core/gateway";
import { messageOf } from "@orchestra/core/extend";
import type { OpenInterrupt, RunFailure } from "../runs/index.ts";

/** The result of one execution. */
export type Outcome =
  | { readonly kind: "ended"; readonly status: "succeeded" | "rejected"; readonly output: unknown }
  | { readonly kind: "failed"; readonly error: RunFailure }
  /** A person has to decide on each of them. */
  | { readonly kind: "interrupted"; readonly interrupts: readonly OpenInterrupt[] }
  /** The requests of the day are used up; `until` in milliseconds since the epoch. */
  | { readonly kind: "out-of-quota"; readonly until: number };

/** The result of a run for an error of its pipeline. */
export function outcomeOfError(error: unknown, now: number): Outcome {
  if (OrchestraError.isInstance(error) && error.code === "findings_rejected") {
    const { name, code, message } = error;
    return { kind: "ended", status: "rejected", output: { name, code, message } };
  }
  const until = quotaReset(error, now);
  return until === undefined
    ? { kind: "failed", error: failureOf(error) }
    : { kind: "out-of-quota", until };
}

/** The stored part of an error: no cause, and a stack only if the pipeline's code is wrong. */
export function failureOf(error: unknown): RunFailure {
  const message = messageOf(error);
  if (!(error instanceof Error)) return { name: "Error", code: "error", message };
  const { stack } = error;
  const name = typeof error.name === "string" && error.name !== "" ? error.name : "Error";
  if (OrchestraError.isInstance(error)) return { name, code: error.code, message };
  return {
    name,
    code: "error",
    message,
    ...(typeof stack === "string" && { stack }),
  };
}

function quotaReset(error: unknown, now: number): number | undefined {
  if (!OrchestraError.isInstance(error) || error.code !== "quota_error") return undefined;
  const { retryAfterMs } = error as unknown as Pick<ModelError, "retryAfterMs">;
  return retryAfterMs === undefined ? undefined : now + retryAfterMs;
}
