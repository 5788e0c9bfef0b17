import { escapeControls } from "@orchestra/core";
import type { Outcome } from "../outcome.ts";
import { sumUsage } from "../usage.ts";

/** The object that `--json` prints. All control characters are escaped, including those that JSON allows. */
export function jsonResult(outcome: Outcome, redact: (text: string) => string): string {
  const { status, runId, answer, citations, reasons, calls, error, durable } = outcome;
  const clean = <T>(value: T): T => JSON.parse(redact(JSON.stringify(value))) as T;
  const json = JSON.stringify(
    {
      status,
      answer: redact(answer),
      // Not redacted: each quotation was checked, word for word, against the user's own documents.
      citations,
      calls: clean(calls),
      usage: sumUsage(calls),
      runId,
      ...(reasons.length > 0 ? { reasons: clean(reasons) } : {}),
      ...(error ? { error: clean(error) } : {}),
      ...(durable ? { durable } : {}),
    },
    null,
    2,
  );
  return escapeControls(json, "\n");
}
