import { describe, expect, test } from "vitest";
import { checks } from "./checks/index.ts";
import { sabotages } from "./sabotage.ts";
import { simulate } from "./simulate.ts";

const seeds = Array.from({ length: 100 }, (_, index) => index + 1);

describe("each deliberate bug makes its check fail", () => {
  test.each(sabotages)("$check finds $name", async ({ check, options }) => {
    const found = new Set<string>();
    for (const seed of seeds) {
      const { violations } = await simulate(seed, options);
      for (const violation of violations) found.add(violation.check);
      if (found.has(check)) break;
    }
    expect(found).toContain(check);
  });

  test("each check has a deliberate bug that it finds", () => {
    expect(new Set(sabotages.map(({ check }) => check))).toEqual(new Set(Object.keys(checks)));
  });
});
