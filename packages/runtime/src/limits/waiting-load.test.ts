import { expect, test } from "vitest";
import { loadBefore, type Demand } from "./waiting-load.ts";

const now = Date.UTC(2026, 4, 6);

test("a process goes before another by the priority of its calls, then by how long the first has waited", () => {
  const elsewhere: Demand[] = [
    { priority: 2, calls: 3, tokens: 300, since: now - 5 },
    { priority: 0, calls: 1, tokens: 7, since: now - 20 },
    { priority: 0, calls: 4, tokens: 10, since: now - 9 },
  ];
  const before = (priority: number, since: number) => loadBefore({ priority, since }, elsewhere);
  expect(before(2, now - 6)).toEqual({ calls: 0, tokens: 0 });
  expect(before(2, now - 4)).toEqual({ calls: 1, tokens: 100 });
  expect(before(1, now - 99)).toEqual({ calls: 3, tokens: 300 });
  expect(before(0, now - 10)).toEqual({ calls: 4, tokens: 307 });
  expect(before(0, now)).toEqual({ calls: 5, tokens: 310 });
  expect(before(Infinity, now)).toEqual({ calls: 0, tokens: 0 });
});
