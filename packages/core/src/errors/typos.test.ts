import { expect, test } from "vitest";
import { nearestName } from "./explain-issue.ts";
import { typos } from "./typos.ts";

test.each([
  ["output", "output", 0],
  ["outptu", "output", 1],
  ["uotput", "output", 1],
  ["outpu", "output", 1],
  ["uotptu", "output", 3],
  ["", "output", 6],
])("%s is %s after %d changes", (name, other, changes) => {
  expect(typos(name, other)).toBe(changes);
});

test("two swapped letters are near in names of any length", () => {
  for (const name of ["tools", "model", "check", "output", "prompt", "maxTokens"]) {
    for (let at = 1; at < name.length; at += 1) {
      const swapped = `${name.slice(0, at - 1)}${name[at]}${name[at - 1]}${name.slice(at + 1)}`;
      expect(nearestName(swapped, [name, "temperature"])).toBe(name);
    }
  }
});
