import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/**
 * Collects garbage several times: an object that was read by a weak reference is kept until the turn of the event loop
 * ends, and objects that a finalizer releases become garbage only after it has run.
 */
export async function collectGarbage(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await sleep(10);
  }
  collect();
}
