import { expect, test } from "vitest";
import { priorityOfRole, rankOf } from "./priority.ts";

test("work near its end ranks above its beginning", () => {
  expect(rankOf("executor")).toBeGreaterThan(rankOf("validator"));
  expect(rankOf("validator")).toBeGreaterThan(rankOf("researcher"));
});

test("a built-in role has the priority of its name, every other role that of a first step", () => {
  for (const role of ["researcher", "validator", "executor"] as const) {
    expect(priorityOfRole(role)).toBe(rankOf(role));
  }
  expect(["translator", "toString", ""].map(priorityOfRole)).toEqual([0, 0, 0]);
  expect(rankOf("researcher")).toBe(0);
});

test("a number ranks as it is", () => {
  expect([-3, 0.5, Infinity].map(rankOf)).toEqual([-3, 0.5, Infinity]);
  expect(() => rankOf(Number.NaN)).toThrow(RangeError);
});
