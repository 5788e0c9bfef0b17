import { getEventListeners } from "node:events";
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
export function takeStock(): Holdings {
  collectGarbage();
  collectGarbage();
  const resources = process.getActiveResourcesInfo();
  const count = (...names: readonly string[]) =>
    resources.filter((name) => names.includes(name)).length;
  return {
    sockets: count("TCPSocketWrap", "TCPServerWrap", "TCPConnectWrap"),
    timers: count("Timeout", "Immediate"),
    heapBytes: process.memoryUsage().heapUsed,
  };
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
/** Compiled code and inline caches come and go by megabytes. */
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
