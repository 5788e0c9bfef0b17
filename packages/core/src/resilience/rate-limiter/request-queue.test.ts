import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { RequestQueue, type QueuedRequest } from "./request-queue.ts";

test("behaves as a list that is sorted by priority, after any additions and removals", () => {
  const steps = array(
    record({
      step: constantFrom("add" as const, "add" as const, "remove" as const, "take" as const),
      priority: constantFrom(-1, 0, 1.5, 2, Infinity),
      tokens: integer({ min: 0, max: 9 }),
      index: integer({ min: 0, max: 40 }),
    }),
    { maxLength: 60 },
  );
  assert(
    property(steps, (steps) => {
      const queue = new RequestQueue<QueuedRequest>();
      let model: QueuedRequest[] = [];
      for (const { step, priority, tokens, index } of steps) {
        const removed = step === "take" ? queue.first : model[index % (model.length || 1)];
        if (step === "add") {
          const request = { priority, tokens };
          queue.add(request);
          model = [...model, request].toSorted((a, b) =>
            a.priority < b.priority ? 1 : a.priority > b.priority ? -1 : 0,
          );
        } else if (removed) {
          queue.remove(removed);
          queue.remove(removed);
          model = model.filter((other) => other !== removed);
        }
        expect(queue.toArray()).toEqual(model);
        expect(queue.first).toBe(model[0]);
        expect(removed !== undefined && queue.has(removed)).toBe(
          removed !== undefined && model.includes(removed),
        );
        expect(queue.size).toBe(model.length);
        const before = model.filter((other) => other.priority >= priority);
        expect(queue.load(priority)).toEqual({
          calls: before.length,
          tokens: before.reduce((sum, other) => sum + other.tokens, 0),
        });
      }
    }),
  );
});
