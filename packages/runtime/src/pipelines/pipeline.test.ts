import { RunnableLambda } from "@langchain/core/runnables";
import { expect, test } from "vitest";
import { definePipeline, type Pipeline } from "./pipeline.ts";

const create = () => RunnableLambda.from(() => "done");

test.each([
  [{ name: "a", creat: create }, /pipeline\.create is missing.*creat/],
  [{ name: "a", create, input: { task: "text" } }, /pipeline\.input is an object: expected a zod/],
  [{ name: "a", create: create() }, /pipeline\.create is .*: expected a function/],
  [{ create }, /pipeline\.name is missing: expected a text/],
  [undefined, /pipeline is missing: expected an object/],
])("definePipeline() names what is wrong with its argument: %j", (pipeline, problem) => {
  const define = () => definePipeline(pipeline as unknown as Pipeline);
  expect(define).toThrow(problem);
  expect(define).toThrow(/^definePipeline\(\): /);
});

test("definePipeline() returns its argument", () => {
  const pipeline = { name: "a", version: "2", create };
  expect(definePipeline(pipeline)).toBe(pipeline);
});
