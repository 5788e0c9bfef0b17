import { once } from "node:events";
import { call } from "@orchestra/core/conformance";
import { expect, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { PostgresRateLimiter } from "./postgres-rate-limiter.ts";
import { deadAfterMs } from "./test-support/holder-settings.ts";
import { startHolder } from "./test-support/start-holder.ts";

// On a virtual clock: many-processes.test.ts.
test("what a killed process had in flight is free when it has been dead for long enough", async () => {
  await using database = await openOnServer();
  const account = "a";
  await using limiter = new PostgresRateLimiter({ database, account, deadAfterMs });
  await limiter.setLimits({ maxConcurrency: 1 });
  const holder = startHolder(database, account, "stay");
  await once(holder.stdout as NonNullable<typeof holder.stdout>, "data");
  const waiting = call(limiter);
  // As long as it lives it keeps its slot, however long that is.
  const heldUntil = performance.now() + 2 * deadAfterMs;
  await expect.poll(() => performance.now() > heldUntil).toBe(true);
  expect(waiting.slot).toBeUndefined();
  holder.kill("SIGKILL");
  await expect.poll(() => waiting.slot).toBeDefined();
  expect(await limiter.state()).toMatchObject({ inFlight: 1 });
});
