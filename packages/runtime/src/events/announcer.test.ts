import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Database } from "../database/index.ts";
import { Announcer } from "./announcer.ts";

let sent: string[][];
let announcer: Announcer;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  sent = [];
  const query: Database["query"] = (_, values = []) => {
    sent.push(values[1] as string[]);
    return Promise.resolve([]);
  };
  announcer = new Announcer({
    database: { query },
    eventsChannel: "events",
    workChannel: "work",
    onError: (error) => expect.unreachable(String(error)),
  });
});

afterEach(() => void vi.useRealTimers());

test("announces work and the end of a run at once, with all that was gathered before", async () => {
  announcer.changed("a");
  await vi.advanceTimersByTimeAsync(10);
  expect(sent).toEqual([]);
  announcer.changed("b", { hasEnded: true });
  announcer.work();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual([['[["a",0],["b",1]]', ""]]);
});

test.each([
  ["for 200 ms", 200, {}],
  ["for 50 ms where somebody may be waiting for it", 50, { isUrgent: true }],
])("gathers what changes %s", async (_, ms, change) => {
  announcer.changed("a", change);
  await vi.advanceTimersByTimeAsync(ms - 1);
  announcer.changed("b");
  await vi.advanceTimersByTimeAsync(1);
  announcer.changed("a", change);
  await vi.advanceTimersByTimeAsync(ms);
  expect(sent).toEqual([['[["a",0],["b",0]]'], ['[["a",0]]']]);
});

test("announces at most every 10 ms", async () => {
  announcer.work();
  await vi.advanceTimersByTimeAsync(0);
  announcer.work();
  announcer.changed("a", { hasEnded: true });
  await vi.advanceTimersByTimeAsync(9);
  expect(sent).toEqual([[""]]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sent).toEqual([[""], ['[["a",1]]', ""]]);
});

test("sends the remaining announcements when it is closed", async () => {
  announcer.changed("a");
  await announcer[Symbol.asyncDispose]();
  expect(sent).toEqual([['[["a",0]]']]);
});
