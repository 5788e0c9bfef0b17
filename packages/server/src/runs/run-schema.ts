import { z } from "@hono/zod-openapi";
import type { RunStatus } from "@orchestra/runtime";

export const openStatuses = ["queued", "running", "waiting"] as const satisfies RunStatus[];
export const endedStatuses = [
  "succeeded",
  "rejected",
  "failed",
  "cancelled",
] as const satisfies RunStatus[];

export const statusSchema = z.enum([...openStatuses, ...endedStatuses]);

const instant = z.iso.datetime();

const interruptSchema = z.object({
  id: z.string().describe("Names the question in a decision, if several are open."),
  value: z.unknown().describe("What is asked."),
  step: z.string().describe("The step of the graph that asked the question."),
});

const waitingSchema = z.union([
  z.object({
    for: z.enum(["approval", "interrupt"]),
    interrupts: z.array(interruptSchema).readonly(),
    since: instant,
  }),
  z.object({ for: z.enum(["quota", "rate-limit"]), until: instant }),
]);

export const usageSchema = z.object({
  calls: z.number(),
  failedCalls: z.number(),
  attempts: z.number().describe("HTTP requests to models, failed ones included."),
  promptTokens: z.number(),
  completionTokens: z.number(),
  cachedTokens: z.number(),
  reasoningTokens: z.number(),
  costUsd: z.number(),
  unknownUsageAttempts: z.number().describe("Requests whose tokens are unknown."),
  unknownCostAttempts: z.number().describe("Requests whose cost is unknown."),
});

/** A run of the runtime without stacks of errors, which are only for its developers. */
export const runSchema = z
  .object({
    id: z.string(),
    pipeline: z.string(),
    version: z.string(),
    hasWorker: z
      .boolean()
      .optional()
      .describe("Only for queued runs in a list: whether there is a worker that can take it."),
    status: statusSchema,
    waiting: waitingSchema.optional().describe("Only of a run that waits."),
    input: z.unknown(),
    output: z.unknown().optional().describe("Absent until the run has ended."),
    error: z
      .object({
        name: z.string(),
        code: z.string(),
        message: z.string(),
        step: z.string().optional(),
      })
      .optional(),
    forkedFrom: z.object({ run: z.string(), from: z.string().optional() }).optional(),
    models: z
      .record(z.string(), z.string())
      .optional()
      .describe("Models by role, used instead of the models of the roles."),
    keyId: z.string().optional().describe("The key that limits its calls, and pays for them."),
    user: z.string().optional().describe("The end user that it is for."),
    approval: z.boolean(),
    priority: z.number(),
    idempotencyKey: z.string().optional(),
    schedule: z.string().optional(),
    createdAt: instant,
    startedAt: instant.optional(),
    endedAt: instant.optional(),
    deadlineAt: instant.optional(),
    cancelReason: z.string().optional(),
    worker: z.string().optional(),
    executions: z.number(),
    isDeadLetter: z.boolean().describe("Whether it killed its workers and was given up."),
    lastEvent: z.number().describe("Number of its latest event."),
    usage: usageSchema,
  })
  .meta({ id: "Run" });
