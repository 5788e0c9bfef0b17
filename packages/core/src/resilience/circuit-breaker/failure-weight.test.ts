import { expect, test } from "vitest";
import { ModelError } from "../../errors/model-error.ts";
import { failureWeight } from "./failure-weight.ts";

test.each([
  ["no_response", 3],
  [undefined, 2],
  ["call_timeout", 0],
] as const)("a timeout with the reason %s weighs %i", (reason, weight) => {
  expect(failureWeight(new ModelError("too late", { kind: "timeout_error", reason }))).toBe(weight);
});
