import type { Migration } from "./migration.ts";
import { runs } from "./0001-runs.ts";
import { limits } from "./0002-limits.ts";
import { unknownUsage } from "./0003-unknown-usage.ts";
import { limitsInOneStatement } from "./0004-limits-in-one-statement.ts";
import { claims } from "./0005-claims.ts";
import { versions } from "./0007-versions.ts";
import { forks } from "./0008-forks.ts";
import { formats } from "./0009-formats.ts";
import { keys } from "./0011-keys.ts";
import { keysOfRuns } from "./0012-keys-of-runs.ts";
import { idempotencyByKey } from "./0013-idempotency-by-key.ts";
import { usage } from "./0014-usage.ts";
import { tracesOfRuns } from "./0015-traces-of-runs.ts";
import { slotsForLater } from "./0016-slots-for-later.ts";
import { partitionCount, partitions } from "./0017-partitions.ts";

/** In their order; add a new one at the end. */
export const migrations: readonly Migration[] = [
  runs,
  limits,
  unknownUsage,
  limitsInOneStatement,
  claims,
  versions,
  forks,
  formats,
  keys,
  keysOfRuns,
  idempotencyByKey,
  usage,
  tracesOfRuns,
  slotsForLater,
  partitions,
];
export { partitionCount };
export type { Migration };
