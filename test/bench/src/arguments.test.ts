import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("runs everything by default", () => {
  expect(readArguments([])).toEqual({
    benches: [
      "overhead",
      "start",
      "installed",
      "goodput",
      "deadPrimary",
      "recovery",
      "hedge",
      "server",
      "durable",
    ],
    quick: false,
    json: false,
    write: false,
    help: false,
  });
});

test("runs only what is named, in the order of the document", () => {
  expect(readArguments(["--only", "hedge", "--only", "overhead"]).benches).toEqual([
    "overhead",
    "hedge",
  ]);
});

test.each([
  [["--only", "speed"], 'There is no bench "speed"'],
  [["--write", "--quick"], "--write takes full benches"],
  [["--fast"], "--fast"],
])("refuses %j", (given, message) => {
  expect(() => readArguments(given)).toThrow(message);
});
