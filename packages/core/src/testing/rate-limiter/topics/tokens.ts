import { describe, expect, test } from "vitest";
import { ModelError } from "../../../errors/model-error.ts";
import { call, calls } from "../limiter-under-test.ts";
import { spanMs, type MakeInWindow } from "./setting.ts";

export function checkTokens(make: MakeInWindow): void {
  describe("tokens in a minute", () => {
    test("wait until enough of them are free, and not a millisecond less", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      call(limiter, { tokens: 400 });
      await clock.advance(1000);
      call(limiter, { tokens: 500 });
      const third = call(limiter, { tokens: 501 });
      await clock.advance(spanMs - 1001);
      expect(third.slot).toBeUndefined();
      await clock.advance(1);
      expect(third.slot).toBeUndefined();
      await clock.advance(999);
      expect(third.slot).toBeUndefined();
      await clock.advance(1);
      expect(third.slot?.waitedMs).toBe(spanMs);
      expect(third.waits).toEqual([spanMs]);
    });

    test("that fit exactly are granted at once, and are rounded up", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const both = [400, 599.5].map((tokens) => call(made.limiter, { tokens }));
      await made.clock.advance(0);
      expect(both.map(({ slot }) => slot?.waitedMs)).toEqual([0, 0]);
      expect((await made.limiter.state()).tokens.remaining).toBe(0);
    });

    test("of earlier calls are included in the wait that a call is notified of", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const all = calls(6, limiter, { tokens: 500 });
      await clock.advance(2 * spanMs);
      expect(all.map(({ waits }) => waits[0] ?? 0)).toEqual(
        [0, 0, 1, 1, 2, 2].map((windows) => windows * spanMs),
      );
      expect(all.map(({ slot }) => slot?.waitedMs)).toEqual(all.map(({ waits }) => waits[0] ?? 0));
    });

    test("a large call is not overtaken by small ones that would fit", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      call(limiter, { tokens: 500 });
      const large = call(limiter, { tokens: 1000 });
      const small = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 1);
      expect([large.slot, small.slot]).toEqual([undefined, undefined]);
      await clock.advance(1);
      expect(large.slot).toBeDefined();
      expect(small.slot).toBeUndefined();
      await clock.advance(spanMs);
      expect(small.slot).toBeDefined();
    });

    test("a call that exceeds the limit fails at once, with an error that says what to change", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const [fits, over] = [
        call(made.limiter, { tokens: 1000 }),
        call(made.limiter, { tokens: 1001 }),
      ];
      await made.clock.advance(0);
      expect(fits.slot).toBeDefined();
      expect(over.error).toBeInstanceOf(ModelError);
      expect(over.error).toMatchObject({ kind: "invalid_request_error" });
      expect(String(over.error)).toMatch(/1001 tokens.*LLM_TOKENS_PER_MINUTE=1000/);
      expect(await made.limiter.state()).toMatchObject({ waiting: 0, inFlight: 1 });
    });

    test("that were estimated too high are free at once when the call is settled", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 900 });
      const second = call(limiter, { tokens: 600 });
      await clock.advance(10);
      await first.slot?.settle({ tokens: 401 });
      await clock.advance(0);
      expect(second.slot).toBeUndefined();
      expect((await limiter.state()).tokens.remaining).toBe(599);

      const third = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 10);
      await third.slot?.settle({ tokens: 0 });
      expect(second.slot?.waitedMs).toBe(spanMs);

      await second.slot?.settle({ tokens: 100 });
      expect((await limiter.state()).tokens.remaining).toBe(900);
    });

    test("that were estimated too low hold the next calls back", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 100 });
      await clock.advance(0);
      await first.slot?.settle({ tokens: 1500 });
      const next = call(limiter, { tokens: 1 });
      await clock.advance(spanMs - 1);
      expect(next.slot).toBeUndefined();
      await clock.advance(1);
      expect(next.slot).toBeDefined();
    });

    test("of a settled call whose window has passed count no more", async () => {
      await using made = await make({ limits: { tokensPerMinute: 1000 } });
      const { limiter, clock } = made;
      const first = call(limiter, { tokens: 100 });
      await clock.advance(spanMs);
      await first.slot?.settle({ tokens: 900 });
      expect((await limiter.state()).tokens.remaining).toBe(1000);
    });
  });
}
