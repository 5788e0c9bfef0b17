import { getEventListeners } from "node:events";
import { array, assert, asyncProperty, constantFrom, nat, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { Coalescer } from "./index.ts";

/** Work that the test ends. */
function create() {
  const coalescer = new Coalescer<object>();
  const works: { signal: AbortSignal; end: PromiseWithResolvers<object> }[] = [];
  const work = (signal: AbortSignal) => {
    const end = Promise.withResolvers<object>();
    works.push({ signal, end });
    return end.promise;
  };
  return {
    coalescer,
    works,
    join(key: string) {
      const caller = new AbortController();
      const outcome = coalescer
        .run(key, work, caller.signal)
        .catch((error: unknown) => ({ thrown: error }));
      return { caller, outcome };
    },
  };
}

const answer = { text: "answer" };
const reason = new Error("the user left");

describe("identical calls in flight", () => {
  test("are sent once, and all get the answer", async () => {
    const { works, join } = create();
    const callers = [join("a"), join("a"), join("a")];
    expect(works).toHaveLength(1);
    works[0]?.end.resolve(answer);
    for (const { outcome } of callers) expect(await outcome).toBe(answer);
    expect(works[0]?.signal.aborted).toBe(false);
  });

  test("all get the error, the same one", async () => {
    const { works, join } = create();
    const callers = [join("a"), join("a")];
    works[0]?.end.reject(reason);
    for (const { outcome } of callers) expect(await outcome).toEqual({ thrown: reason });
  });

  test("are distinguished by their key", () => {
    const { works, join } = create();
    join("a");
    join("b");
    expect(works).toHaveLength(2);
  });

  test("can be made by callers without a signal, which never abort", async () => {
    const { coalescer, works, join } = create();
    const { caller } = join("a");
    const outcome = coalescer.run("a", () => Promise.reject(new Error("not asked")));
    caller.abort(reason);
    expect(works[0]?.signal.aborted).toBe(false);
    works[0]?.end.resolve(answer);
    expect(await outcome).toBe(answer);
  });
});

describe("a call that has ended", () => {
  test.each(["resolve", "reject"] as const)(
    "is not kept: the next one is sent, after a %s",
    async (way) => {
      const { works, join } = create();
      const { outcome } = join("a");
      works[0]?.end[way](answer);
      await outcome;
      join("a");
      expect(works).toHaveLength(2);
    },
  );

  test("is not kept either if it failed before it returned a promise", async () => {
    const coalescer = new Coalescer();
    const work = coalescer.run("a", () => {
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect(await coalescer.run("a", async () => "sent")).toBe("sent");
  });

  test("leaves no listener on its callers' signals", async () => {
    const { works, join } = create();
    const { caller, outcome } = join("a");
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(1);
    works[0]?.end.resolve(answer);
    await outcome;
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  });
});

describe("an abort", () => {
  test("before the call sends nothing", async () => {
    const coalescer = new Coalescer();
    let calls = 0;
    const work = coalescer.run("a", async () => (calls += 1), AbortSignal.abort(reason));
    await expect(work).rejects.toBe(reason);
    expect(calls).toBe(0);
    expect(await coalescer.run("a", async () => (calls += 1))).toBe(1);
  });

  test("of one caller ends its own wait at once, and no one else's", async () => {
    const { works, join } = create();
    const [first, second] = [join("a"), join("a")];
    first.caller.abort(reason);
    expect(await first.outcome).toEqual({ thrown: reason });
    expect(works[0]?.signal.aborted).toBe(false);
    works[0]?.end.resolve(answer);
    expect(await second.outcome).toBe(answer);
  });

  test("of the last caller aborts the work with its reason", async () => {
    const { works, join } = create();
    const [first, second] = [join("a"), join("a")];
    first.caller.abort(new Error("an earlier one"));
    second.caller.abort(reason);
    expect(works[0]?.signal.reason).toBe(reason);
    expect(await second.outcome).toEqual({ thrown: reason });
  });

  test("of the last caller does not affect the next one, whose call is sent again", async () => {
    const { works, join } = create();
    join("a").caller.abort(reason);
    const next = join("a");
    expect(works).toHaveLength(2);
    // The aborted work ends late, and must not remove the new call.
    works[0]?.end.reject(reason);
    await new FakeClock().advance(0);
    join("a");
    expect(works).toHaveLength(2);
    works[1]?.end.resolve(answer);
    expect(await next.outcome).toBe(answer);
  });
});

test("in any order of events, work runs once for each key, only while a caller waits, and leaves no entry", async () => {
  const step = record({
    do: constantFrom("join", "abort", "resolve", "reject"),
    key: constantFrom("a", "b"),
    with: nat(),
  });
  await assert(
    asyncProperty(array(step, { maxLength: 60 }), async (steps) => {
      const settled = new FakeClock();
      const coalescer = new Coalescer<string>();
      const inFlight: Flight[] = [];
      const waiting: Waiting[] = [];
      const unlike: unknown[] = [];

      const join = (key: string) => {
        const caller = new AbortController();
        const mine: Waiting = { key, caller };
        waiting.push(mine);
        const work = (signal: AbortSignal) => {
          const end = Promise.withResolvers<string>();
          inFlight.push({ key, signal, end });
          return end.promise;
        };
        const leave = () => void waiting.splice(waiting.indexOf(mine), 1);
        coalescer.run(key, work, caller.signal).then(leave, leave);
      };

      for (const { do: action, key, with: number } of steps) {
        const ofKey = waiting.filter((some) => some.key === key);
        const flight = inFlight.find((some) => some.key === key && !some.signal.aborted);
        if (action === "join") join(key);
        else if (action === "abort")
          ofKey[number % Math.max(1, ofKey.length)]?.caller.abort("left");
        else flight?.end[action]("over");
        if (flight && action.startsWith("re")) inFlight.splice(inFlight.indexOf(flight), 1);
        await settled.advance(0);

        const keys = inFlight.filter(({ signal }) => !signal.aborted).map((some) => some.key);
        const awaited = new Set(waiting.map((some) => some.key));
        if (keys.length !== awaited.size) {
          unlike.push({ action, keys, awaited });
        }
      }
      expect(unlike).toEqual([]);

      for (const { caller } of waiting) caller.abort("left");
      await settled.advance(0);
      expect(waiting).toEqual([]);
      expect(inFlight.every(({ signal }) => signal.aborted)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

interface Flight {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly end: PromiseWithResolvers<string>;
}

interface Waiting {
  readonly key: string;
  readonly caller: AbortController;
}
