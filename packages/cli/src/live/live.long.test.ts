import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";
import { contradictionsOf } from "../test-support/live.ts";

describe("orchestra doctor --live", () => {
  test.each(DIALECTS.map((dialect) => [dialect.name, dialectModel(dialect)] as const))(
    "lists the differences of the dialect %s",
    async (_, model) => expect(await contradictionsOf(model)).toEqual([]),
  );
});
