import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStage } from "../../durable/stage.ts";
import { contestThroughput } from "../../measure/contest.ts";
import { median, medianRatio } from "../../measure/statistics.ts";
import { buildCommand, startServeCommand } from "../../servers/serve-command.ts";
import { environmentFor, key } from "../environments.ts";
import { serverAtOnce } from "./throughput.ts";
import { wayTo } from "./way.ts";

export interface CommandResult {
  /** From the start of `orchestra serve` until it is ready, with the runs of a PGlite that is there, in milliseconds. */
  readonly readyMs: number;
  /** The same, where it makes its PGlite first. */
  readonly newReadyMs: number;
  /** The same, without a worker, on PostgreSQL. */
  readonly postgresReadyMs: number;
  /** Answers per second of two processes, divided by those of one. The client and the models use the same cores. */
  readonly twoProcessesRatio: number;
}

const config = `export default {
  pipelines: [{ name: "echo", create: ({ orchestra }) => orchestra.agent({ name: "echo", system: "Answer." }) }],
};
`;

/** How soon the command serves, and what its second process gains. */
export async function benchCommand(
  modelsUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<CommandResult> {
  await buildCommand();
  await using opening = new AsyncDisposableStack();
  const stage = opening.use(await openStage());
  const folder = await mkdtemp(join(tmpdir(), "orchestra-serve-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "orchestra.config.mjs"), config);
  const environment = {
    ...environmentFor(`${modelsUrl}/short`),
    ORCHESTRA_SERVER_KEYS: key,
    NODE_COMPILE_CACHE: join(folder, "cache"),
  };
  const start = (given: readonly string[], more: NodeJS.ProcessEnv) =>
    startServeCommand(given, { ...environment, ...more }, folder);
  const timesOf = async (given: readonly string[], more: () => Promise<NodeJS.ProcessEnv>) => {
    const times: number[] = [];
    for (let round = 0; round < (quick ? 3 : 11); round += 1) {
      await using server = await start(given, await more());
      times.push(server.readyMs);
    }
    return times;
  };

  const newHome = async () => ({ ORCHESTRA_HOME: (await stage.newPglite()).home });
  const home = await newHome();
  const { databaseUrl } = await stage.newPostgres();
  const postgres = { DATABASE_URL: databaseUrl };
  // The first start of each makes its database, and fills the cache of compiled code, as an installation's is.
  await timesOf(["--no-worker"], async () => postgres);
  await timesOf([], async () => home);
  const result = {
    readyMs: median(await timesOf([], async () => home)),
    newReadyMs: median(await timesOf([], newHome)),
    postgresReadyMs: median(await timesOf(["--no-worker"], async () => postgres)),
  };

  const processes = async (count: number) => {
    const given = ["--no-worker", "--processes", String(count)];
    const { url } = opening.use(await start(given, postgres));
    return opening.use(wayTo({ name: String(count), address: { url }, connections: serverAtOnce }));
  };
  const [one, two] = [await processes(1), await processes(2)];
  const figures = await contestThroughput([one, two], {
    rounds: quick ? 3 : 7,
    calls: quick ? 1000 : 3000,
    atOnce: serverAtOnce,
  });
  const of = ({ name }: { readonly name: string }) => figures.get(name) ?? [];
  return { ...result, twoProcessesRatio: medianRatio(of(one), of(two)) };
}
