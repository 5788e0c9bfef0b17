import { expect, test } from "vitest";
import { nodeProblem } from "./node-version.ts";

test.each(["22.12.0", "22.13.1", "24.0.0", "30.1.0"])("Node %s will do", (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

test.each(["18.20.4", "20.19.0", "22.11.9"])("Node %s is too old", (version) => {
  expect(nodeProblem(version)).toBe(`orchestra needs Node 22.12 or newer; this is ${version}.`);
});
