import { expect, test } from "vitest";
import { fakeCall, fakeRoute, type FakeCallFields } from "./__fixtures__/fake-call.ts";
import { Budget } from "../resilience/budget/index.ts";
import type { Policy } from "./chain.ts";
import { neededPolicies, policies } from "./policies.ts";
import type { CallKey } from "./run-scope.ts";

const namesFor = (fields: FakeCallFields, all: readonly Policy[] = policies, key?: CallKey) =>
  neededPolicies(all, fakeCall(fields).call, key).map(({ name }) => name);

const limits = { day: { maxUsd: 1 } };

const oneRoute = { routes: [fakeRoute("a")] } as const;
const always = [
  "retry",
  "structuredOutput",
  "rateLimit",
  "recording",
  "attemptTimeout",
  "adaptRequest",
];

test("a call with one route and no limits needs no more policies than these, in their order", () => {
  expect(namesFor(oneRoute)).toEqual(always);
});

test.each<[string, FakeCallFields]>([
  ["callTimeout", { timeouts: { attemptMs: 1, callMs: 1 } }],
  ["fallback", { routes: [fakeRoute("a"), fakeRoute("b")] }],
  ["circuitBreaker", { routes: [fakeRoute("a"), fakeRoute("b")] }],
  ["hedge", { services: { hedgeAfterMs: 1000 } }],
  ["hedge", { services: { hedgeAfterMs: "p95" } }],
  ["attemptLimit", { services: { maxAttempts: 3 } }],
  ["budget", { services: { budget: new Budget({ limits }) } }],
])("%s is needed where it has something to do", (name, fields) => {
  expect(namesFor({ ...oneRoute, ...fields })).toContain(name);
});

test("a budget is needed where the key of a call has one", () => {
  const key = { id: "1", name: "team" };
  expect(namesFor(oneRoute, policies, key)).not.toContain("budget");
  expect(namesFor(oneRoute, policies, { ...key, budget: { usdTotal: 1 } })).toContain("budget");
});

test("the access of a key is checked where the key is for some roles or models", () => {
  const key = { id: "1", name: "team" };
  expect(namesFor(oneRoute, policies, key)).not.toContain("keyAccess");
  for (const limited of [{ roles: ["writer"] }, { models: ["a/b"] }]) {
    expect(namesFor(oneRoute, policies, { ...key, ...limited })[0]).toBe("keyAccess");
  }
});

test("all are needed where all have something to do, in their order", () => {
  const everything: FakeCallFields = {
    timeouts: { attemptMs: 1, callMs: 1 },
    services: { hedgeAfterMs: 1, maxAttempts: 1, budget: new Budget({ limits }) },
  };
  const key = { id: "1", name: "team", roles: ["writer"] };
  expect(namesFor(everything, policies, key)).toEqual(policies.map(({ name }) => name));
});

test("a policy of the user's is always needed, at its place", () => {
  const pinModel: Policy = (next) => next;
  expect(namesFor(oneRoute, [pinModel, ...policies])).toEqual(["pinModel", ...always]);
});
