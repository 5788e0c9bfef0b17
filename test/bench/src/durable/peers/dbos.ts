import { DBOS, DBOSClient } from "@dbos-inc/dbos-sdk";
import { Client } from "pg";
import { inProcess } from "./in-process.ts";
import { atOnce, dbosPollMs, roles, type Peer, type PeerOptions } from "./peer.ts";

const queue = "runs";

/** A workflow of three steps, whose answers DBOS keeps. */
function registerRun({ ask, onBegin }: PeerOptions) {
  return DBOS.registerWorkflow(
    async (given: string) => {
      onBegin(DBOS.workflowID ?? "");
      let text = given;
      for (const role of roles) {
        text = await DBOS.runStep(() => ask(role, text), { name: role });
      }
      return text;
    },
    { name: "run" },
  );
}

function configure({ databaseUrl }: PeerOptions): void {
  DBOS.setConfig({
    name: "bench",
    systemDatabaseUrl: databaseUrl,
    logLevel: "error",
    runAdminServer: false,
  });
}

async function launch(): Promise<void> {
  await DBOS.launch();
  await DBOS.registerQueue(queue, {
    workerConcurrency: atOnce,
    minPollingIntervalMs: dbosPollMs,
    onConflict: "always_update",
  });
}

/** Workflows that a client puts into a queue of DBOS, and that a worker takes from there. */
export async function openDbosQueue(options: PeerOptions): Promise<Peer> {
  const { databaseUrl } = options;
  registerRun(options);
  configure(options);
  // Makes the tables.
  await launch();
  await DBOS.shutdown();
  const dbos = await DBOSClient.create({ systemDatabaseUrl: databaseUrl });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async start({ id, text }) {
      await dbos.enqueue({ workflowName: "run", queueName: queue, workflowID: id }, text);
    },
    work: launch,
    drain: () => DBOS.shutdown(),
    async tally(ids) {
      const { rows } = await client.query<{ ended: number; tookMs: number }>(
        `SELECT count(*) FILTER (WHERE status = 'SUCCESS')::integer AS ended,
           (max(updated_at) - min(started_at_epoch_ms))::double precision AS "tookMs"
         FROM dbos.workflow_status WHERE workflow_uuid = ANY($1)`,
        [ids],
      );
      return rows[0] ?? { ended: 0, tookMs: Number.NaN };
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await dbos.destroy();
      await DBOS.shutdown();
    },
  };
}

/** Workflows that are executed by the process that starts them, without a queue. */
export async function openDbosDirect(options: PeerOptions): Promise<Peer> {
  const run = registerRun(options);
  configure(options);
  await DBOS.launch();
  return inProcess(
    async ({ id, text }) => (await DBOS.startWorkflow(run, { workflowID: id })(text)).getResult(),
    () => DBOS.shutdown(),
  );
}
