import { describe, expect, test } from "vitest";
import { call, calls } from "../limiter-under-test.ts";
import { spanMs, type MakeInWindow } from "./setting.ts";

export function checkPriorities(make: MakeInWindow): void {
  describe("priorities", () => {
    test("a higher one goes first, and within one the earlier call", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const order: string[] = [];
      const ask = (name: string, priority?: Parameters<typeof limiter.acquire>[0]) =>
        void call(limiter, priority).ended.then(() => order.push(name));
      ask("first");
      ask("researcher", { priority: 0 });
      ask("plain");
      ask("last", { priority: -1 });
      ask("validator", { priority: 1 });
      ask("executor", { priority: 2 });
      ask("urgent", { priority: 2.5 });
      ask("another executor", { priority: 2 });
      await clock.advance(8 * spanMs);
      expect(order).toEqual([
        "first",
        "urgent",
        "executor",
        "another executor",
        "validator",
        "researcher",
        "plain",
        "last",
      ]);
    });

    test("a call of a higher priority is notified of a shorter wait", async () => {
      await using made = await make({ limits: { requestsPerMinute: 1 } });
      const { limiter, clock } = made;
      const [, , third] = calls(3, limiter);
      await clock.advance(0);
      const executor = call(limiter, { priority: 2 });
      await clock.advance(0);
      expect(third?.waits).toEqual([2 * spanMs]);
      expect(executor.waits).toEqual([spanMs]);
    });
  });
}
