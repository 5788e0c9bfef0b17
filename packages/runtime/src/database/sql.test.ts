import { expect, test } from "vitest";
import { list, sql, verbatim } from "./sql.ts";

test("numbers the places of a statement in their order, also those of its parts", () => {
  const parts = [sql`b = ${"two"}`, sql`c = c + ${3}::numeric`];
  const statement = sql`UPDATE ${verbatim('"runs"')} SET a = ${1}, ${list(parts)} WHERE id = ${"x"}`;
  expect(statement.toStatement()).toEqual({
    text: 'UPDATE "runs" SET a = $1, b = $2,\nc = c + $3::numeric WHERE id = $4',
    values: [1, "two", 3, "x"],
  });
});
