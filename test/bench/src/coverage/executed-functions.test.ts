import type { Profiler } from "node:inspector";
import { expect, test } from "vitest";
import { executedFunctions } from "./executed-functions.ts";

const folder = "file:///repository/packages/core/src/";

function fn(functionName: string, startOffset: number, count: number): Profiler.FunctionCoverage {
  const range = { startOffset, endOffset: startOffset + 10, count };
  return { functionName, isBlockCoverage: false, ranges: [range] };
}

function script(url: string, functions: Profiler.FunctionCoverage[]): Profiler.ScriptCoverage {
  return { scriptId: url, url, functions };
}

test("counts the functions that ran, by file, in the order of paths", () => {
  const scripts = [
    script(`${folder}routes/route.ts`, [fn("send", 40, 3)]),
    script(`${folder}call/attempt.ts`, [
      fn("attempt", 20, 1),
      fn("fail", 90, 0),
      fn("end", 150, 2),
    ]),
  ];
  expect(executedFunctions(scripts, folder)).toEqual([
    { path: "call/attempt.ts", functions: ["attempt", "end"] },
    { path: "routes/route.ts", functions: ["send"] },
  ]);
});

test("does not count the code of a module, but counts a function without a name", () => {
  const scripts = [script(`${folder}orchestra.ts`, [fn("", 0, 1), fn("", 120, 1)])];
  expect(executedFunctions(scripts, folder)).toEqual([
    { path: "orchestra.ts", functions: ["@120"] },
  ]);
});

test("leaves out a file of which only the module's code ran", () => {
  const scripts = [script(`${folder}index.ts`, [fn("", 0, 1), fn("unused", 50, 0)])];
  expect(executedFunctions(scripts, folder)).toEqual([]);
});

test("leaves out files outside of the folder", () => {
  const scripts = [
    script("file:///repository/packages/core/src-old/a.ts", [fn("a", 10, 1)]),
    script("node:events", [fn("emit", 10, 1)]),
  ];
  expect(executedFunctions(scripts, folder)).toEqual([]);
});
