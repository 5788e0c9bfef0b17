import { expect, test } from "vitest";
import { estimateRequest } from "./estimate-request.ts";

test("the prompt of a request is read once, for budgets and limits", () => {
  let reads = 0;
  const content = { toJSON: () => ((reads += 1), "Hello") };
  const request = { model: "a/b", messages: [{ role: "user", content }] } as never;
  expect(estimateRequest(request)).toBe(estimateRequest(request));
  expect(reads).toBe(1);
});
