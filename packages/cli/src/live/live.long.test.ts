import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { describe, expect, test } from "vitest";
import { contradictionsOf } from "../test-support/live.ts";

describe("orchestra doctor --live", () => {
  test.each(DIALECTS.map((dialect) => [dialect.name, dialectModel(dialect)] as const))(
    "prints differences for the dialect %s if and only if its form differs",
    async (_, model) => expect(await contradictionsOf(model)).toEqual([]),
  );
});
