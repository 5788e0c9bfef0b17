import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { timeOfCheckpoint } from "./time-of-checkpoint.ts";

test("the id of a checkpoint has the time at which it was made", () => {
  const before = Date.now();
  const time = timeOfCheckpoint(emptyCheckpoint().id);
  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});
