import { expect, test } from "vitest";
import { leadingObjects } from "./leading-objects.ts";

const answer = { choices: [{ message: { content: "Hi" } }] };

test("reads the objects that a text begins with", () => {
  const text = `${JSON.stringify(answer)}\n[${JSON.stringify(answer)}] and more`;
  expect(leadingObjects(text)).toEqual([answer, answer]);
});

// Looking through it would hold up the event loop.
test("looks through no text of more than a million characters", () => {
  expect(leadingObjects(`${JSON.stringify(answer)}${"x".repeat(2 ** 20)}`)).toEqual([]);
});
