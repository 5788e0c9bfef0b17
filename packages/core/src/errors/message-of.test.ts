import { expect, test } from "vitest";
import { messageOf } from "./message-of.ts";

test.each([
  [new Error("The disk is full"), "The disk is full"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [Object.create(null), "[object Object]"],
])("any thrown value has a message", (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
