import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { Client } from "pg";

/** A PostgreSQL that counts its statements, and is gone afterwards. */
export async function startCountingServer(): Promise<
  AsyncDisposable & { readonly url: string; readonly client: Client }
> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-footprint-"));
  const server = await startPostgres({ folder: join(folder, "postgres") });
  await withClient(server.url, (client) =>
    client.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'"),
  );
  await server.stop();
  await server.start();
  const client = new Client(server.url);
  await client.connect();
  await client.query("CREATE EXTENSION pg_stat_statements");
  return {
    url: server.url,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
