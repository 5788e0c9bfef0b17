import { expect, test } from "vitest";
import { quoted, takeTurn, vacuumEmbedded } from "./database/index.ts";
import { describeDatabases, openOnPglite } from "./test-support/databases.ts";

describeDatabases("work that one process does at intervals", (open) => {
  test("is one process's of those that ask at once, and is due again after the interval", async () => {
    await using database = await open();
    const askers = () =>
      Promise.all(Array.from({ length: 5 }, () => takeTurn(database, "upkeep", 60_000)));
    const mine = (turns: readonly boolean[]) => turns.filter(Boolean).length;
    expect(mine(await askers())).toBe(1);
    expect(mine(await askers())).toBe(0);
    for (const doneAt of ["- interval '61 seconds'", "+ interval '1 hour'"]) {
      await database.query(
        `UPDATE ${quoted(database.schema)}.locks SET done_at = clock_timestamp() ${doneAt}`,
      );
      expect(mine(await askers())).toBe(1);
    }
  });
});

test("an embedded database does not grow with runs that were deleted", async () => {
  await using database = await openOnPglite();
  const table = `${quoted(database.schema)}.events`;
  const sizeAfterRound = async () => {
    await database.query(
      `INSERT INTO ${table} (run_id, number, at, event)
       SELECT 'run', n, now(), json_build_object('type', 'step-end', 'step', repeat('x', 200))
       FROM generate_series(1, 500) AS n`,
    );
    await database.query(`DELETE FROM ${table}`);
    await vacuumEmbedded(database);
    const [size] = await database.query<{ bytes: string }>(
      "SELECT pg_total_relation_size($1::regclass) AS bytes",
      [table],
    );
    return Number(size?.bytes);
  };
  // Pages of an index are used again by the round after the next.
  const sizes: number[] = [];
  for (let round = 1; round <= 8; round += 1) sizes.push(await sizeAfterRound());
  expect(sizes.at(-1)).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 4)));
});
