import { randomUUID } from "node:crypto";
import { describeRateLimiter } from "@orchestra/core/conformance";
import { FakeClock } from "@orchestra/core/testing";
import { afterAll, beforeAll } from "vitest";
import type { Database } from "../database/index.ts";
import { describeServerFirst } from "../test-support/databases.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { never } from "./test-support/processes.ts";
import { WatchedDatabases } from "./test-support/watched-database.ts";

describeServerFirst("the rate limiter in a database", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  describeRateLimiter(
    "PostgresRateLimiter",
    async ({ startAt, ...options }) => {
      const databases = new WatchedDatabases();
      const clock = new FakeClock(startAt, databases.idle);
      const limiter = new PostgresRateLimiter({
        ...options,
        database: databases.watch(database),
        account: randomUUID(),
        clock,
        reference: clock.now,
        // Months pass on the suite's clock, and there are no other processes.
        deadAfterMs: never,
      });
      return { limiter, clock, [Symbol.asyncDispose]: () => limiter.close() };
    },
    { numRuns: 3 },
  );
});
