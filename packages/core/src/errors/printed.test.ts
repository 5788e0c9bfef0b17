import { inspect } from "node:util";
import { expect, test } from "vitest";
import { defineRole } from "../agents/define-role.ts";
import { Orchestra } from "../orchestra.ts";

function thrownBy(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("It threw nothing");
}

test.each<[string, () => unknown]>([
  ["settings", () => new Orchestra({ environment: {} })],
  ["an argument", () => defineRole({ name: "a role", system: "s" })],
])("Node.js prints of wrong %s the message and where it was made, and no fields", (_, call) => {
  const error = thrownBy(call);
  // As for an uncaught error, which is not asked how it is printed.
  const [first = "", ...frames] = inspect(error, { customInspect: false })
    .slice(error.name.length + 2)
    .replace(error.message, "")
    .split("\n");
  expect(first).toBe("");
  expect(frames[0]).toContain("printed.test.ts");
  expect(frames.filter((line) => !line.startsWith("    at "))).toEqual([]);
  expect(JSON.parse(JSON.stringify(error))).toMatchObject({
    name: error.name,
    message: error.message,
  });
});
