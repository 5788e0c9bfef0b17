import { expect, test } from "vitest";
import { noUsage } from "../runs/index.ts";
import { other, UsageLines, type Line, type LineName } from "./usage-lines.ts";

const call = { ...noUsage, calls: 1, attempts: 1, costUsd: 0.25 };
const name: LineName = {
  day: "2026-11-28",
  keyId: "k",
  role: "general",
  model: "a/b",
  user: "ada",
};

const callsOf = (lines: readonly Line[]) => lines.reduce((sum, { calls }) => sum + calls, 0);

test("calls of the same day, key, role, model and user are one line", () => {
  const lines = new UsageLines();
  for (let calls = 0; calls < 3; calls += 1) lines.add(name, call);
  lines.add({ ...name, keyId: "" }, call);
  expect(lines.take()).toEqual([
    { ...name, ...call, calls: 3, attempts: 3, costUsd: 0.75 },
    { ...name, ...call, keyId: "" },
  ]);
  expect(lines.size).toBe(0);
});

test("any number of users and models takes a bounded number of lines, and none of their calls is lost", () => {
  const lines = new UsageLines(10);
  for (let index = 0; index < 500; index += 1) lines.add({ ...name, user: `u${index}` }, call);
  expect(lines.size).toBe(11);
  for (let index = 0; index < 500; index += 1) lines.add({ ...name, model: `m${index}` }, call);
  lines.add({ ...name, user: "u0" }, call);
  expect(lines.size).toBe(21);
  const all = lines.take();
  expect(callsOf(all)).toBe(1001);
  expect(callsOf(all.filter(({ user }) => user === "u0"))).toBe(2);
  expect(callsOf(all.filter(({ model, user }) => model === "a/b" && user === other))).toBe(490);
  expect(callsOf(all.filter(({ model }) => model === other))).toBe(491);
});
