import { randomUUID } from "node:crypto";
import { FakeClock, rateLimiterConformance } from "@orchestra/core/testing";
import { afterAll, beforeAll } from "vitest";
import type { Database } from "../database/index.ts";
import { describeDatabases } from "../test-support/databases.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { watched } from "./test-support/watched-database.ts";

/** Some years: in the suite's own time no process dies, and none has to say that it lives. */
const never = 1e12;

describeDatabases("the rate limiter in a database", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  rateLimiterConformance(
    async ({ startAt, ...options }) => {
      const { database: watchedDatabase, idle } = watched(database);
      const clock = new FakeClock(startAt, idle);
      const limiter = new PostgresRateLimiter({
        ...options,
        database: watchedDatabase,
        account: randomUUID(),
        clock,
        reference: "clock",
        deadAfterMs: never,
      });
      return { limiter, clock, [Symbol.asyncDispose]: () => limiter.close() };
    },
    { numRuns: 4 },
  );
});
