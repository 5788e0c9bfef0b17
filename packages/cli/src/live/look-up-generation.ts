import { setTimeout as sleep } from "node:timers/promises";
import { get, type Observation, type Target } from "./target.ts";

/** How long a server may take to know a generation after its answer. */
interface Patience {
  readonly maxLookUps: number;
  readonly pauseMs: number;
}

const openRouters: Patience = { maxLookUps: 6, pauseMs: 1000 };
const others: Patience = { maxLookUps: 1, pauseMs: 0 };

/** `GET /generation`; asked again while the server does not know the generation yet. */
export async function lookUpGeneration(
  target: Target,
  id: string,
  signal: AbortSignal,
  patience = /(^|\.)openrouter\.ai$/.test(new URL(target.baseUrl).hostname) ? openRouters : others,
): Promise<Observation> {
  for (let lookUps = 1; ; lookUps += 1) {
    const found = await get(target, `/generation?id=${encodeURIComponent(id)}`, signal);
    if (found.status !== 404 || lookUps >= patience.maxLookUps) return found;
    await sleep(patience.pauseMs, undefined, { signal });
  }
}
