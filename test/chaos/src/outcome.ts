import { OrchestraError } from "@orchestra/core";
import { problemOf, type Fact } from "./facts.ts";
import { RejectedError, type Answer } from "./pipelines.ts";

/** How one pipeline ended. */
export type Outcome =
  | { readonly kind: "right" }
  /** A typed error, or a rejection by the validator. */
  | { readonly kind: "typed-error"; readonly code: string }
  /** The text is incomplete, and its finish reason is `length` or `content_filter`. */
  | { readonly kind: "partial" }
  /** The caller has aborted the pipeline. */
  | { readonly kind: "aborted" }
  | { readonly kind: "wrong"; readonly why: string }
  | { readonly kind: "hung" };

/** Compares an answer with the fact of the pipeline. */
export function judge(answer: Answer, fact: Fact): Outcome {
  const problem = problemOf(answer.text, fact);
  if (problem !== undefined) {
    const isHonest = answer.isAnnouncedPartial && fact.sentence.startsWith(answer.text.trim());
    return isHonest ? { kind: "partial" } : { kind: "wrong", why: `${problem}: ${answer.text}` };
  }
  for (const { path, line, quote } of answer.citations ?? []) {
    if (path !== fact.path || line !== fact.line || !fact.passage.includes(quote)) {
      return { kind: "wrong", why: `it cites ${path}:${line} "${quote}"` };
    }
  }
  if (answer.citations?.length === 0) return { kind: "wrong", why: "it cites nothing" };
  return { kind: "right" };
}

/** @param abortReason - The reason of the caller's abort, if there was one. */
export function judgeError(error: unknown, abortReason: unknown): Outcome {
  if (abortReason !== undefined && isAbort(error, abortReason)) return { kind: "aborted" };
  if (error instanceof RejectedError) return { kind: "typed-error", code: "findings_rejected" };
  if (OrchestraError.isInstance(error)) return { kind: "typed-error", code: error.code };
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: "wrong", why: `an error without a type: ${why}` };
}

/** In some places, LangChain replaces the error of the caller's abort by another one. */
function isAbort(error: unknown, reason: unknown): boolean {
  return (
    error === reason || (error instanceof Error && /abort/i.test(`${error.name} ${error.message}`))
  );
}
