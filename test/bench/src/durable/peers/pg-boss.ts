import { Client } from "pg";
import { PgBoss } from "pg-boss";
import { atOnce, roles, type Peer, type PeerOptions } from "./peer.ts";

const queue = "runs";

/** A job for each run, in the queue that our workers use as well: the least that it takes to execute runs. */
export async function openPgBoss({ databaseUrl, ask, onBegin }: PeerOptions): Promise<Peer> {
  const boss = new PgBoss({ connectionString: databaseUrl, useListenNotify: true });
  boss.on("error", (error) => process.stderr.write(`${String(error)}\n`));
  await boss.start();
  await boss.createQueue(queue, { notify: true });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async start({ id, text }) {
      await boss.send(queue, { text }, { id });
    },
    async work() {
      // After a full batch there may be more jobs, which are fetched at once.
      const options = { batchSize: atOnce, burstWhenBatchFull: true, perJobResults: true } as const;
      await boss.work<{ text: string }>(queue, options, (jobs) =>
        Promise.all(
          jobs.map(async ({ id, data: { text } }) => {
            onBegin(id);
            let answer = text;
            for (const role of roles) answer = await ask(role, answer);
            return { id, status: "completed" as const, output: { text: answer } };
          }),
        ),
      );
    },
    async drain() {
      await boss.offWork(queue, { wait: true });
    },
    async tally(ids) {
      const { rows } = await client.query<{ ended: number; tookMs: number }>(
        `SELECT count(*) FILTER (WHERE state = 'completed')::integer AS ended,
           extract(epoch FROM max(completed_on) - min(started_on))::double precision * 1000 AS "tookMs"
         FROM pgboss.job WHERE id = ANY($1)`,
        [ids],
      );
      return rows[0] ?? { ended: 0, tookMs: Number.NaN };
    },
    async [Symbol.asyncDispose]() {
      await client.end();
      await boss.stop({ graceful: false });
    },
  };
}
