import { expect, test } from "vitest";
import { fakeCall, fakeRoute, type FakeCallFields } from "./__fixtures__/fake-call.ts";
import type { Policy } from "./chain.ts";
import { neededPolicies, policies } from "./policies.ts";

const namesFor = (fields: FakeCallFields, all: readonly Policy[] = policies) =>
  neededPolicies(all, fakeCall(fields).call).map(({ name }) => name);

const oneRoute = { routes: [fakeRoute("a")] } as const;
const always = [
  "retry",
  "structuredOutput",
  // A call may be of a key that has a budget.
  "budget",
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
])("%s is needed where it has something to do", (name, fields) => {
  expect(namesFor({ ...oneRoute, ...fields })).toContain(name);
});

test("all are needed where all have something to do, in their order", () => {
  const everything: FakeCallFields = {
    timeouts: { attemptMs: 1, callMs: 1 },
    services: { hedgeAfterMs: 1, maxAttempts: 1 },
  };
  expect(namesFor(everything)).toEqual(policies.map(({ name }) => name));
});

test("a policy of the user's is always needed, at its place", () => {
  const pinModel: Policy = (next) => next;
  expect(namesFor(oneRoute, [pinModel, ...policies])).toEqual(["pinModel", ...always]);
});
