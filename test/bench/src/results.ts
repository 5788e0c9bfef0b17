import { availableParallelism, cpus, totalmem } from "node:os";
import type { DurableResult } from "./benches/durable/index.ts";
import type { DeadPrimaryResult } from "./benches/dead-primary.ts";
import type { GoodputResult } from "./benches/goodput.ts";
import type { HedgeResult } from "./benches/hedge.ts";
import type { InstalledResult } from "./benches/installed.ts";
import type { OverheadResult } from "./benches/overhead/index.ts";
import type { RecoveryResult } from "./benches/recovery.ts";
import type { ServerResult } from "./benches/server/index.ts";
import type { StartResult } from "./benches/start.ts";

/** The machine and the settings of a run. */
export interface Circumstances {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly date: string;
  readonly quick: boolean;
}

/** The results of the benches that ran. */
export interface Results {
  readonly circumstances: Circumstances;
  readonly overhead?: OverheadResult;
  readonly start?: StartResult;
  readonly installed?: InstalledResult;
  readonly goodput?: GoodputResult;
  readonly deadPrimary?: DeadPrimaryResult;
  readonly recovery?: RecoveryResult;
  readonly hedge?: HedgeResult;
  readonly server?: ServerResult;
  readonly durable?: DurableResult;
}

export function circumstances(quick: boolean): Circumstances {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    date: new Date().toISOString().slice(0, 10),
    quick,
  };
}
