import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { WaitingLine, type Waiter } from "./waiting-line.ts";

test("behaves as a list that is sorted by rank, whoever joins and leaves", () => {
  const steps = array(
    record({
      step: constantFrom("join" as const, "join" as const, "leave" as const, "serve" as const),
      rank: constantFrom(-1, 0, 1.5, 2, Infinity),
      tokens: integer({ min: 0, max: 9 }),
      index: integer({ min: 0, max: 40 }),
    }),
    { maxLength: 60 },
  );
  assert(
    property(steps, (steps) => {
      const line = new WaitingLine<Waiter>();
      let model: Waiter[] = [];
      for (const { step, rank, tokens, index } of steps) {
        const leaving = step === "serve" ? line.first : model[index % (model.length || 1)];
        if (step === "join") {
          const waiter = { rank, tokens };
          line.join(waiter);
          model = [...model, waiter].toSorted((a, b) =>
            a.rank < b.rank ? 1 : a.rank > b.rank ? -1 : 0,
          );
        } else if (leaving) {
          line.leave(leaving);
          line.leave(leaving);
          model = model.filter((other) => other !== leaving);
        }
        expect(line.everyone()).toEqual(model);
        expect(line.first).toBe(model[0]);
        expect(leaving !== undefined && line.has(leaving)).toBe(
          leaving !== undefined && model.includes(leaving),
        );
        expect(line.size).toBe(model.length);
        const before = model.filter((other) => other.rank >= rank);
        expect(line.from(rank)).toEqual({
          calls: before.length,
          tokens: before.reduce((sum, other) => sum + other.tokens, 0),
        });
      }
    }),
  );
});
