import { setTimeout as sleep } from "node:timers/promises";
import { isOpenRouter } from "@orchestra/core/extend";
import { get, type Observation, type Target } from "./target.ts";

interface LookUpLimits {
  readonly maxLookUps: number;
  readonly pauseMs: number;
}

/** OpenRouter knows a generation only some seconds after its answer. */
const openRouterLimits: LookUpLimits = { maxLookUps: 6, pauseMs: 1000 };
const defaultLimits: LookUpLimits = { maxLookUps: 1, pauseMs: 0 };

/** Requests `GET /generation`, again while it returns 404 and the limits allow it. */
export async function lookUpGeneration(
  target: Target,
  id: string,
  signal: AbortSignal,
  { maxLookUps, pauseMs } = isOpenRouter(target.baseUrl) ? openRouterLimits : defaultLimits,
): Promise<Observation> {
  for (let lookUps = 1; ; lookUps += 1) {
    const found = await get(target, `/generation?id=${encodeURIComponent(id)}`, signal);
    if (found.status !== 404 || lookUps >= maxLookUps) return found;
    await sleep(pauseMs, undefined, { signal });
  }
}
