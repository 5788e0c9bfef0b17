import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { Client } from "pg";

/**
 * A PostgreSQL that counts its statements, and is gone afterwards.
 *
 * @param settings - Of the server, each as `name=value`.
 */
export async function startCountingServer(
  settings: readonly string[] = [],
): Promise<AsyncDisposable & { readonly url: string; readonly client: Client }> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-footprint-"));
  const server = await startPostgres({
    folder: join(folder, "postgres"),
    settings: ["shared_preload_libraries=pg_stat_statements", ...settings],
  });
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
