import { describe, expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { ProgressWatch } from "./progress-watch.ts";

function start(limits: { firstMs?: number; betweenMs?: number }) {
  const clock = new FakeClock(0);
  const silences: unknown[] = [];
  const watch = new ProgressWatch({
    clock,
    ...limits,
    onSilence: (silence, limitMs) => silences.push([silence, limitMs, clock.now()]),
  });
  return { clock, silences, watch };
}

describe("ProgressWatch", () => {
  test("tells once that nothing has come, at the limit and not before", async () => {
    const { clock, silences, watch } = start({ firstMs: 100, betweenMs: 10 });
    using _ = watch;
    await clock.advance(99);
    expect(silences).toEqual([]);
    await clock.advance(1);
    expect(silences).toEqual([["first", 100, 100]]);
    await clock.advance(1000);
    expect(silences).toHaveLength(1);
  });

  test("counts the silence between signs anew from each of them", async () => {
    const { clock, silences, watch } = start({ firstMs: 100, betweenMs: 50 });
    using _ = watch;
    await clock.advance(90);
    watch.progress();
    await clock.advance(49);
    watch.progress();
    await clock.advance(49);
    expect(silences).toEqual([]);
    await clock.advance(1);
    expect(silences).toEqual([["between", 50, 189]]);
    await clock.advance(1000);
    expect(silences).toHaveLength(1);
  });

  test("forgets the limit of the first sign once that has come", async () => {
    const { clock, silences, watch } = start({ firstMs: 100 });
    using _ = watch;
    await clock.advance(99);
    watch.progress();
    await clock.advance(10_000);
    expect([silences, clock.sleeping]).toEqual([[], 0]);
  });

  test("without a limit waits for the first sign, and watches from there", async () => {
    const { clock, silences, watch } = start({ betweenMs: 50 });
    using _ = watch;
    await clock.advance(10_000);
    expect(silences).toEqual([]);
    watch.progress();
    await clock.advance(50);
    expect(silences).toEqual([["between", 50, 10_050]]);
  });

  test("says nothing, and leaves no timer, after its end", async () => {
    const { clock, silences, watch } = start({ firstMs: 100, betweenMs: 50 });
    watch.progress();
    await clock.advance(10);
    expect(clock.sleeping).toBeGreaterThan(0);
    watch[Symbol.dispose]();
    await clock.advance(1000);
    expect([silences, clock.sleeping]).toEqual([[], 0]);
  });
});
