import { callAtOnce } from "../../measure/contest.ts";
import { atOnce, type NewRun, type Peer } from "./peer.ts";

/** Runs that wait in the memory of their process, without a queue. */
export function inProcess(
  execute: (run: NewRun) => Promise<unknown>,
  close: () => Promise<void>,
): Peer {
  const waiting: NewRun[] = [];
  let isWorking = false;
  let executing: Promise<void> = Promise.resolve();
  const ended = new Set<string>();
  let tookMs = 0;

  const executeAll = async () => {
    const runs = waiting.splice(0);
    const startedAt = performance.now();
    await callAtOnce(
      async (index) => {
        const run = runs[index];
        if (!run) return;
        await execute(run);
        ended.add(run.id);
      },
      runs.length,
      atOnce,
    );
    tookMs = performance.now() - startedAt;
  };
  const executeWaiting = () => (executing = executing.then(executeAll));

  return {
    async start(run) {
      waiting.push(run);
      if (isWorking) void executeWaiting();
    },
    async work() {
      isWorking = true;
      void executeWaiting();
    },
    async drain() {
      isWorking = false;
      await executing;
    },
    async tally(ids) {
      return { ended: ids.filter((id) => ended.has(id)).length, tookMs };
    },
    [Symbol.asyncDispose]: close,
  };
}
