import type { AttemptRecord, CallRecord } from "../call-record.ts";

const usage = {
  promptTokens: 10,
  completionTokens: 4,
  cachedTokens: 2,
  reasoningTokens: 1,
  costUsd: 0.00014,
};

export function attemptRecord(fields: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    number: 1,
    model: "openai/gpt-4o",
    via: "openrouter",
    status: 200,
    waitedMs: 0,
    rateLimitedMs: 0,
    durationMs: 1200,
    ...usage,
    ...fields,
  };
}

/** A call that succeeded at once. */
export function callRecord(fields: Partial<CallRecord> = {}): CallRecord {
  return {
    id: "call-1",
    runId: "run-1",
    traceId: "trace-1",
    role: "researcher",
    status: "succeeded",
    model: "openai/gpt-4o",
    servedModel: "openai/gpt-4o",
    provider: "OpenAI",
    via: "openrouter",
    fallbackUsed: false,
    startedAt: "2026-01-01T00:00:00.000Z",
    durationMs: 1234,
    ...usage,
    attempts: [attemptRecord()],
    ...fields,
  };
}
