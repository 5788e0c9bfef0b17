import { openStage } from "../../durable/stage.ts";
import { startChild } from "../../servers/child.ts";
import { benchCost, type CostResult } from "./cost.ts";
import { benchFullStore, type FullStoreResult } from "./full-store.ts";
import { benchDurableGoodput, type DurableGoodputResult } from "./goodput.ts";
import { benchPeers, type PeersResult } from "./peers.ts";
import { benchStartLatency, type StartLatencyResult } from "./start-latency.ts";
import { benchThroughput, type ThroughputResult } from "./throughput.ts";

export interface DurableResult {
  /** Runs a second of three steps with a call each, by store and worker processes. */
  readonly runsPerSecond: Readonly<
    Record<"postgres1" | "postgres2" | "postgres4" | "pglite", number>
  >;
  readonly throughput: ThroughputResult;
  readonly startLatency: StartLatencyResult;
  readonly peers: PeersResult;
  readonly goodput: DurableGoodputResult;
  readonly cost: CostResult;
  readonly fullStore: FullStoreResult;
}

/** Runs that are kept, on a PostgreSQL server and on PGlite. */
export async function benchDurable(options: { readonly quick: boolean }): Promise<DurableResult> {
  await using stage = await openStage();
  await using models = await startChild<{ url: string }>("completions.ts");
  const modelUrl = `${models.address.url}/short`;
  const cost = await benchCost(stage, modelUrl, options);
  const startLatency = await benchStartLatency(stage, modelUrl, options);
  const throughput = await benchThroughput(stage, modelUrl, options);
  const peers = await benchPeers(stage, modelUrl, {
    ...options,
    ourLatency: startLatency.postgres,
  });
  const goodput = await benchDurableGoodput(stage, options);
  const fullStore = await benchFullStore(stage, modelUrl, options);
  const figure = (store: string, workers: number) =>
    throughput.rows.find((row) => row.store === store && row.workers === workers)?.runsPerSecond ??
    Number.NaN;
  return {
    runsPerSecond: {
      postgres1: figure("PostgreSQL", 1),
      postgres2: figure("PostgreSQL", 2),
      postgres4: figure("PostgreSQL", 4),
      pglite: figure("PGlite", 1),
    },
    throughput,
    startLatency,
    peers,
    goodput,
    cost,
    fullStore,
  };
}
