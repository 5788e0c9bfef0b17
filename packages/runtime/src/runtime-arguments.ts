import { schemas } from "@orchestra/core/extend";
import { z } from "zod";
import { isCursor } from "./events/position.ts";
import { runStatuses } from "./runs/index.ts";

/* The arguments of a runtime's functions. */

/** The queue and the table store priorities in 32 bits. */
const priority = z.int32("is not a whole number of 32 bits");
const shortText = schemas.storableText(256);
const maxScheduleKeyLength = 128;
export const scheduleKey = z
  .string()
  .regex(/^[\w./-]*$/, "must be of letters, digits, _, -, . and /")
  .min(1, "is empty: expected a name for the schedule")
  .max(maxScheduleKeyLength, `is longer than ${maxScheduleKeyLength} characters`);
const status = z.enum(runStatuses);
const statuses = z.union([status, z.array(status)], {
  error: `is not a status of runs: expected one of ${runStatuses.join(", ")}, or an array of them`,
});

export const runId = schemas.id;
export const artifactName = z.string();
export const resumeOptions = z.strictObject({ keyId: schemas.id.optional() });
export const retryOptions = resumeOptions.extend({ from: schemas.step.optional() });

export const runtimeOptions = z.object({
  pipelines: z.array(
    schemas.withMethods("a pipeline, as definePipeline() makes it", "create"),
    "must be a list of pipelines, as definePipeline() makes them",
  ),
  settings: schemas.object.optional(),
  orchestra: schemas.object.optional(),
  maxCrashes: schemas.positiveCount.optional(),
  onError: schemas.callback.optional(),
});

export const startOptions = z.strictObject({
  id: runId.optional(),
  idempotencyKey: schemas.id.optional(),
  priority: priority.optional(),
  deadline: schemas.instant.optional(),
  approval: z.boolean().optional(),
  traceId: schemas.traceId.optional(),
  traceparent: schemas.traceparent.optional(),
  schedule: scheduleKey.optional(),
  keyId: schemas.id.optional(),
  user: schemas.id.optional(),
});

export const forkOptions = startOptions.omit({ schedule: true }).extend({
  from: schemas.step.optional(),
  input: z.unknown().optional(),
  models: z.record(schemas.id, schemas.id).optional(),
});

const runFilter = z.strictObject({
  status: statuses.optional(),
  pipeline: schemas.id.optional(),
  idPrefix: schemas.id.optional(),
  deadLetters: z.boolean().optional(),
});

export const listOptions = runFilter.extend({
  limit: z.int().min(1, "must be 1 or more").max(1000, "must be 1000 or less").optional(),
  after: z.string().optional(),
});

export const listIdsOptions = runFilter.extend({ limit: schemas.positiveCount.optional() });

export const getOptions = z.strictObject({ waitsForDatabase: z.boolean().optional() });
export const waitOptions = z.strictObject({ signal: schemas.signal.optional() });
const cursor = z
  .string()
  .refine(isCursor, `is not a cursor: expected the "cursor" of an event, or its number`);
export const followOptions = waitOptions.extend({
  after: z.union([z.int().min(0, "must be 0 or more"), cursor]).optional(),
  onOutage: schemas.callback.optional(),
});
export const decideOptions = z.strictObject({ interrupt: schemas.id.optional() });

export const scheduleOptions = z.strictObject({
  key: scheduleKey,
  cron: shortText,
  timezone: shortText.optional(),
  pipeline: schemas.id,
  input: z.unknown(),
  priority: priority.optional(),
  approval: z.boolean().optional(),
});

export const workerOptions = z.strictObject({
  concurrency: schemas.positiveCount.optional(),
  graceMs: z
    .number()
    .min(0, "must be 0 or more")
    .max(2 ** 31 - 1)
    .optional(),
  name: schemas.id.optional(),
  runs: z.array(runId).min(1, "is empty: expected ids of runs").optional(),
  onOutage: schemas.callback.optional(),
});

export const usageOptions = z.strictObject({
  by: z.enum(
    ["day", "role", "model", "key", "user", "pipeline", "status"],
    "is not one of day, role, model, key, user, pipeline and status",
  ),
  since: schemas.instant,
  keyId: schemas.id.optional(),
});
