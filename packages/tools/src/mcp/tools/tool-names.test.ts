import { assert, constantFrom, oneof, property, string, tuple, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { toolNames } from "./tool-names.ts";

const namesOf = (...tools: readonly (readonly [string, string])[]) => [
  ...toolNames(tools.map(([server, tool]) => ({ server, tool }))).keys(),
];

test("are the server's and the tool's, where these fit", () => {
  expect(namesOf(["files", "read_file"], ["web", "get-page"])).toEqual([
    "files__read_file",
    "web__get-page",
  ]);
});

test("that do not fit, or that two tools share, end with a hash", () => {
  const hash = /_[0-9a-f]{10}$/;
  for (const name of namesOf(
    ["my files", "read"],
    ["a", "b__c"],
    ["a__b", "c"],
    ["x", "y".repeat(80)],
  )) {
    expect(name).toMatch(hash);
  }
  expect(namesOf(["my files", "read"])[0]).toMatch(/^my_files__read_/);
});

test("are unique and valid for any names of servers and tools", () => {
  const name = oneof(string({ minLength: 1 }), constantFrom("a", "a__b", "b", "b__a", "é"));
  assert(
    property(
      uniqueArray(tuple(name, name), { selector: (pair) => JSON.stringify(pair) }),
      (tools) => {
        const names = namesOf(...tools);
        expect(names).toHaveLength(tools.length);
        for (const each of names) expect(each).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      },
    ),
  );
});
