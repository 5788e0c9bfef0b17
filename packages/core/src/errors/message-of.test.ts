import { expect, test } from "vitest";
import { messageOf } from "./message-of.ts";

class Unreadable extends Error {
  override get message(): string {
    throw new Error("This message cannot be read");
  }
}

test.each([
  [new Error("The disk is full"), "The disk is full"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [Object.create(null), "[object Object]"],
  [Object.assign(new Error("The disk is full"), { message: 42 }), "42"],
  [new Unreadable(), "[object Error]"],
])("any thrown value has a message", (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
