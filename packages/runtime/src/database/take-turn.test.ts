import { expect, test } from "vitest";
import { quoted, takeTurn } from "./index.ts";
import { describeServerFirst } from "../test-support/databases.ts";

describeServerFirst("work that one process does at intervals", (open) => {
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
