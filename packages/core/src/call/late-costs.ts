import type { AttemptRecord } from "../usage/call-record.ts";
import type { CallEvent } from "../usage/events.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { noUsage, subtractUsage, type UnknownAttempts, type Usage } from "../usage/usage.ts";

/** The fields of an attempt's record that mark its cost as unknown. */
export function unknownParts(
  usage: Usage | undefined,
): Pick<AttemptRecord, "usageIsUnknown" | "costIsUnknown"> {
  return usage ? { costIsUnknown: true } : { usageIsUnknown: true, costIsUnknown: true };
}

/** The number of unknown attempts, without counts that are 0. */
export function countUnknown(attempts: readonly AttemptRecord[]): Partial<UnknownAttempts> {
  const unknownUsageAttempts = attempts.filter(({ usageIsUnknown }) => usageIsUnknown).length;
  const unknownCostAttempts = attempts.filter(({ costIsUnknown }) => costIsUnknown).length;
  return {
    ...(unknownUsageAttempts > 0 ? { unknownUsageAttempts } : {}),
    ...(unknownCostAttempts > 0 ? { unknownCostAttempts } : {}),
  };
}

interface OfRecord {
  /** The requested model. */
  readonly model: string;
  /** Whether the call's record contains the attempt. An attempt that ends after its call is in no record. */
  readonly isInRecord: boolean;
}

/**
 * Waits until the usage of an attempt is known.
 *
 * @returns `undefined` if the usage is already recorded, or stays unknown
 */
export async function correctionOf(
  attempt: AttemptRecord,
  { usage: recorded = noUsage, generationId, lateUsage }: ResponseMetadata,
  { model, isInRecord }: OfRecord,
): Promise<Omit<Extract<CallEvent, { type: "reconcile" }>, "call"> | undefined> {
  const late = await lateUsage;
  if (!late && isInRecord) return undefined;
  const usage = late?.usage ?? recorded;
  const { usageIsUnknown = false, costIsUnknown = false, number } = attempt;
  const isKnownToBeFree = usage === noUsage && !costIsUnknown;
  if (isKnownToBeFree) return undefined;
  const counted = Number(isInRecord);
  const missing = {
    ...subtractUsage(usage, isInRecord ? attempt : noUsage),
    unknownUsageAttempts: usageIsUnknown ? Number(!late) - counted : 0,
    unknownCostAttempts: costIsUnknown ? Number(!late?.costSource) - counted : 0,
  };
  return { type: "reconcile", attempt: number, model, generationId, usage, missing };
}
