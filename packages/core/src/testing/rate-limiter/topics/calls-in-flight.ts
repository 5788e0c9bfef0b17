import { describe, expect, test } from "vitest";
import { calls } from "../limiter-under-test.ts";
import { type MakeInWindow } from "./setting.ts";

export function checkCallsInFlight(make: MakeInWindow): void {
  describe("calls in flight", () => {
    test("are never more than the limit; one that ends lets the next go", async () => {
      await using made = await make({ limits: { maxConcurrency: 2 } });
      const { limiter, clock } = made;
      const [first, second, third, fourth] = calls(4, limiter);
      await clock.advance(60_000);
      expect([first, second, third, fourth].map((each) => each?.slot !== undefined)).toEqual([
        true,
        true,
        false,
        false,
      ]);
      expect(third?.waits).toEqual([0]);
      await second?.slot?.settle();
      await clock.advance(0);
      expect(third?.slot?.waitedMs).toBe(60_000);
      expect(fourth?.slot).toBeUndefined();
    });

    test("end once, however often they are settled", async () => {
      await using made = await make({ limits: { maxConcurrency: 2, tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const [first, , third, fourth] = calls(4, limiter, { tokens: 10 });
      await clock.advance(0);
      await first?.slot?.settle({ tokens: 20 });
      await first?.slot?.settle({ tokens: 300 });
      await first?.slot?.[Symbol.asyncDispose]();
      await clock.advance(0);
      expect(third?.slot).toBeDefined();
      expect(fourth?.slot).toBeUndefined();
      expect(await limiter.state()).toMatchObject({ inFlight: 2, tokens: { remaining: 960 } });
    });

    test("end where a task throws, if the slot is disposed of", async () => {
      await using made = await make({ limits: { maxConcurrency: 1 } });
      const task = async () => {
        await using _slot = await made.limiter.acquire();
        throw new Error("the task failed");
      };
      await expect(task()).rejects.toThrow("the task failed");
      expect((await made.limiter.state()).inFlight).toBe(0);
    });
  });
}
