import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process holds on to. */
export interface Holdings {
  readonly sockets: number;
  readonly timers: number;
  readonly heapBytes: number;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Counts what is held now, after all that can be let go has been. */
export async function takeStock(): Promise<Holdings> {
  await socketsClosed();
  await collectAll();
  const resources = process.getActiveResourcesInfo();
  return {
    sockets: openSockets(),
    timers: resources.filter((name) => name === "Timeout" || name === "Immediate").length,
    heapBytes: process.memoryUsage().heapUsed,
  };
}

/**
 * What was looked at through a weak reference lives until its turn of the event loop ends, and what
 * a finaliser lets go is garbage only after it has run.
 */
async function collectAll(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) {
    collectGarbage();
    await sleep(10);
  }
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
}

/** Sockets that were destroyed are gone only some turns of the event loop later. */
export async function socketsClosed(): Promise<void> {
  for (let turn = 0; turn < 100 && openSockets() > 0; turn += 1) await sleep(10);
}

export interface Leak {
  readonly what: "sockets" | "timers" | "heap" | "listeners" | "rejections" | "requests";
  readonly detail: string;
}

/**
 * A call's record takes some kilobytes and a pipeline makes at least three calls; what the ledger
 * keeps of a run by design is a line of some hundred bytes. Between the two lies this.
 */
const heapBytesPerPipeline = 2048;
/** Compiled code and inline caches: ten megabytes more after 2,000 pipelines, and no more after 5,000. */
const heapNoiseBytes = 12 * 2 ** 20;

/**
 * Compares two stocks, each taken with all servers closed.
 *
 * Sockets and timers must be exactly as many as before, for closing the servers has closed the
 * client's idle connections too.
 */
export function findLeaks(before: Holdings, after: Holdings, pipelines: number): Leak[] {
  const leaks: Leak[] = [];
  for (const what of ["sockets", "timers"] as const) {
    if (after[what] <= before[what]) continue;
    leaks.push({ what, detail: `${before[what]} before, ${after[what]} after` });
  }
  const grown = after.heapBytes - before.heapBytes;
  if (grown > heapNoiseBytes + pipelines * heapBytesPerPipeline) {
    const detail = `${Math.round(grown / 1024)} KiB more after ${pipelines} pipelines`;
    leaks.push({ what: "heap", detail });
  }
  return leaks;
}

/** Listeners that calls left behind on a signal that outlives them. */
export function findListeners(signal: AbortSignal): Leak[] {
  const { length } = getEventListeners(signal, "abort");
  return length === 0 ? [] : [{ what: "listeners", detail: `${length} on the shared signal` }];
}
