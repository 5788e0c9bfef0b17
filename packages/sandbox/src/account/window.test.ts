import { describe, expect, it } from "vitest";
import { createFixedWindow, createTokenBucket, type Window } from "./window.ts";

const takeAll = (window: Window, nowMs: number) => {
  let taken = 0;
  while (window.fits(nowMs)) {
    window.take(nowMs);
    taken += 1;
  }
  return taken;
};

describe("createFixedWindow", () => {
  it("starts again exactly at the next window, not before", () => {
    const window = createFixedWindow(3, 1_000);
    expect(takeAll(window, 10_400)).toBe(3);
    expect(window.resetAt(10_400)).toBe(11_000);
    expect(takeAll(window, 10_999)).toBe(0);
    expect(takeAll(window, 11_000)).toBe(3);
  });
});

describe("createTokenBucket", () => {
  it("is full at first, then refills evenly and never above its capacity", () => {
    const bucket = createTokenBucket(4, 1_000);
    expect(takeAll(bucket, 0)).toBe(4);
    expect(bucket.resetAt(0)).toBe(250);
    expect(takeAll(bucket, 249)).toBe(0);
    expect(takeAll(bucket, 250)).toBe(1);
    expect(takeAll(bucket, 750)).toBe(2);
    expect(takeAll(bucket, 60_000)).toBe(4);
  });

  it("does not lose a request to the sum of small refills", () => {
    const bucket = createTokenBucket(3, 1_000);
    takeAll(bucket, 0);
    let granted = 0;
    for (let nowMs = 1; nowMs <= 10_000; nowMs += 1) granted += takeAll(bucket, nowMs);
    expect(granted).toBe(30);
  });
});
