import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startPostgres } from "@orchestra/test-postgres";
import { parseResult } from "../test-support/result.ts";
import { runDemo, startDemo } from "../test-support/run-demo.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

describe("durable runs on a PostgreSQL server", () => {
  it(
    "continue when the lease has expired, one demo after the other",
    { timeout: 180_000 },
    async () => {
      await using folder = await temporaryFolder();
      const server = await startPostgres({ folder: join(folder.path, "postgres") });
      try {
        const environment = { DATABASE_URL: server.url };
        const first = startDemo(["--durable"], environment);
        await first.saw("researcher: starts");
        const [one, other] = await Promise.all([
          first.done,
          runDemo(["--durable", "--json"], environment),
        ]);
        expect(one.code).toBe(0);
        expect(one.stderr).toMatch(
          /Killed process.*\n.*when the lease of the killed one has lapsed/,
        );
        expect(one.stderr).toContain("own books agree: 5 requests, 1 cut off, none answered twice");
        expect(one.stdout + one.stderr).not.toContain("postgres:postgres@");

        expect(other.stderr).toContain("Another demo is at work on this database");
        expect(parseResult(other.stdout)).toMatchObject({
          status: "succeeded",
          durable: { kills: 1, executions: 2, callsReplayed: 3, database: "postgres" },
        });
      } finally {
        await server.stop();
      }
    },
  );
});
