import {
  contestLatency,
  contestThroughput,
  type Contestant,
  type Rounds,
} from "../../measure/contest.ts";
import { median, medianRatio } from "../../measure/statistics.ts";
import { startChild } from "../../servers/child.ts";
import { createOrchestra, createOrchestraWithEverythingOn } from "../clients.ts";
import { logToNowhere } from "../environments.ts";
import { names, type Client } from "./client.ts";
import { ratiosOf, type Contest, type OverheadFigureName } from "./figures.ts";
import { agentClient, completionsClient, roleModelClient } from "./ours.ts";
import {
  chatOpenAIClient,
  createAgentClient,
  fetchClient,
  lcelClient,
  openAIClient,
} from "./peers.ts";

/** Calls in flight at one time, in the contest of many at once. */
export const overheadAtOnce = 64;

/** One client in one contest. */
export interface OverheadRow {
  readonly name: string;
  /** Milliseconds a call. */
  readonly ms: number;
  /** Times as long as plain fetch. */
  readonly vsFetch: number;
  /** Times as long as the LCEL chain. */
  readonly vsLcel: number;
}

export type OverheadResult = Readonly<Record<OverheadFigureName, number>> &
  Readonly<Record<Contest, readonly OverheadRow[]>>;

/** The time of a call in addition to that of the server, which answers at once. */
export async function benchOverhead({
  quick,
}: {
  readonly quick: boolean;
}): Promise<OverheadResult> {
  await using server = await startChild<{ url: string }>("completions.ts");
  using log = logToNowhere();
  const short = clientsAt(`${server.address.url}/short`, log.logger);
  const long = clientsAt(`${server.address.url}/long`, log.logger);

  const [rounds, concurrentRounds] = quick ? [3, 5] : [7, 5];
  const sequential = await contestLatency(callsOf(short), { rounds, calls: quick ? 20 : 60 });
  const stream = await contestLatency(streamsOf(long), { rounds, calls: quick ? 10 : 30 });
  const concurrent = await contestThroughput(callsOf(short), {
    rounds: concurrentRounds,
    calls: quick ? 320 : 640,
    atOnce: overheadAtOnce,
  });
  return {
    ...ratiosOf({ sequential, stream, concurrent }),
    sequential: rowsOf(sequential),
    stream: rowsOf(stream),
    concurrent: rowsOf(concurrent),
  };
}

const callsOf = (clients: readonly Client[]): Contestant[] =>
  clients.map(({ name, call }) => ({ name, call }));
const streamsOf = (clients: readonly Client[]): Contestant[] =>
  clients.map(({ name, stream }) => ({ name, call: stream }));

function clientsAt(
  url: string,
  logger: Parameters<typeof createOrchestraWithEverythingOn>[1],
): readonly Client[] {
  const plain = createOrchestra(url);
  const everythingOn = createOrchestraWithEverythingOn(url, logger);
  return [
    fetchClient(url),
    openAIClient(url),
    chatOpenAIClient(url),
    lcelClient(url),
    createAgentClient(url),
    completionsClient(plain),
    roleModelClient(names.roleModel, plain),
    roleModelClient(names.roleModelOn, everythingOn),
    agentClient(names.agent, plain),
    agentClient(names.agentOn, everythingOn),
  ];
}

function rowsOf(rounds: Rounds): readonly OverheadRow[] {
  const fetched = rounds.get(names.fetch) ?? [];
  const lcel = rounds.get(names.lcel) ?? [];
  return [...rounds].map(([name, figures]) => ({
    name,
    ms: median(figures),
    vsFetch: medianRatio(figures, fetched),
    vsLcel: medianRatio(figures, lcel),
  }));
}
