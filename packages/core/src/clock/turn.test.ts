import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { isTurnOver, nextTurn } from "./turn.ts";

test("a turn is over after some work, and the next one is not", async () => {
  while (!isTurnOver());
  expect(isTurnOver()).toBe(true);
  await nextTurn();
  expect(isTurnOver()).toBe(false);
});

test("timers run between two pieces of work", async () => {
  const order: string[] = [];
  setTimeout(() => order.push("timer"), 0);
  while (order.length === 0) {
    while (!isTurnOver());
    await nextTurn();
  }
  expect(order).toEqual(["timer"]);
});

test("work that waits continues in its order, one piece in each turn", async () => {
  const order: string[] = [];
  const work = async (name: string): Promise<void> => {
    await nextTurn();
    order.push(name);
  };
  const done = Promise.all([work("a"), work("b"), work("c")]);
  await immediate();
  expect(order).toEqual(["a"]);
  await done;
  expect(order).toEqual(["a", "b", "c"]);
});
