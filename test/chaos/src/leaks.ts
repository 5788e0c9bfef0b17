import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "./collect-garbage.ts";

/** The resources of a process. */
export interface Holdings {
  readonly sockets: number;
  readonly timers: number;
  readonly heapBytes: number;
}

/** Counts the resources after sockets were closed and garbage was collected. */
export async function takeStock(): Promise<Holdings> {
  await socketsClosed();
  await collectGarbage();
  const resources = process.getActiveResourcesInfo();
  return {
    sockets: openSockets(),
    timers: resources.filter((name) => name === "Timeout" || name === "Immediate").length,
    heapBytes: process.memoryUsage().heapUsed,
  };
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP")).length;
}

/** Waits until destroyed sockets are closed, which takes some turns of the event loop. */
export async function socketsClosed(): Promise<void> {
  for (let turn = 0; turn < 100 && openSockets() > 0; turn += 1) await sleep(10);
}

export interface Leak {
  readonly what: "sockets" | "timers" | "heap" | "listeners" | "rejections" | "requests";
  readonly detail: string;
}

/**
 * Limit of heap growth. It is more than the some hundred bytes that the ledger stores for a run, and less than the
 * records of at least three calls, which take some kilobytes each.
 */
const heapBytesPerPipeline = 2048;
/** Compiled code and inline caches: ten megabytes more after 2,000 pipelines, and no more after 5,000. */
const heapNoiseBytes = 12 * 2 ** 20;

/**
 * Compares the resources before and after, both counted with all servers closed.
 *
 * There may be no more sockets and timers than before, because closing the servers closes the idle connections of the
 * client too.
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

/** Finds listeners that calls have not removed from the shared signal. */
export function findListeners(signal: AbortSignal): Leak[] {
  const { length } = getEventListeners(signal, "abort");
  return length === 0 ? [] : [{ what: "listeners", detail: `${length} on the shared signal` }];
}
