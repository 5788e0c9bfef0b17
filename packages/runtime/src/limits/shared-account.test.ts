import { expect, test } from "vitest";
import { loadBefore, SharedAccount, type Holder } from "./shared-account.ts";

const now = Date.UTC(2026, 4, 6);
const options = { windowMs: 60_000, safetyMarginMs: 1000, deadAfterMs: 30_000 };

function holder(changes: Partial<Holder>): Holder {
  return { seenAt: now, turn: "1", inFlight: 0, ahead: 0, demand: [], ...changes };
}

function read(account: SharedAccount, at = now): SharedAccount {
  return new SharedAccount(JSON.parse(JSON.stringify(account)), options, at);
}

test("a process goes before another by the priority of its calls, then by how long the first has waited", () => {
  const account = new SharedAccount({}, options, now);
  account.setHolder("me", holder({ demand: [{ priority: 9, calls: 9, tokens: 9, since: 0 }] }));
  account.setHolder(
    "one",
    holder({
      demand: [
        { priority: 2, calls: 3, tokens: 300, since: now - 5 },
        { priority: 0, calls: 4, tokens: 10, since: now - 9 },
      ],
    }),
  );
  account.setHolder(
    "other",
    holder({ demand: [{ priority: 0, calls: 1, tokens: 7, since: now - 20 }] }),
  );
  const waiting = read(account).waiting("me");
  expect(waiting.map(({ holderId, priority }) => [holderId, priority])).toEqual([
    ["one", 2],
    ["other", 0],
    ["one", 0],
  ]);
  const before = (priority: number, since: number) => loadBefore({ priority, since }, waiting);
  expect(before(3, now)).toEqual({ calls: 0, tokens: 0 });
  expect(before(1, now)).toEqual({ calls: 3, tokens: 300 });
  expect(before(0, now)).toEqual({ calls: 5, tokens: 300 + 3 + 7 });
  expect(before(0, now - 10)).toEqual({ calls: 4, tokens: 307 });
  expect(before(0, now - 30)).toEqual({ calls: 3, tokens: 300 });
});

test("a priority may be infinite", () => {
  const account = new SharedAccount({}, options, now);
  const demand = [Infinity, -Infinity].map((priority) => ({
    priority,
    calls: 1,
    tokens: 0,
    since: now,
  }));
  account.setHolder("other", holder({ demand }));
  const waiting = read(account).waiting("me");
  expect(loadBefore({ priority: 1e300, since: now }, waiting).calls).toBe(1);
  expect(loadBefore({ priority: -1e300, since: now }, waiting).calls).toBe(1);
  expect(loadBefore({ priority: -Infinity, since: now }, waiting).calls).toBe(2);
});

test("a process that is not heard of is waited for for a sixth of the time after which it is dead", () => {
  const account = new SharedAccount({}, options, now);
  const demand = [{ priority: 0, calls: 1, tokens: 0, since: now }];
  account.setHolder("other", holder({ demand, inFlight: 2 }));
  expect(read(account, now + 4999).waiting("me")).toHaveLength(1);
  expect(read(account, now + 5000).waiting("me")).toHaveLength(0);
  expect(read(account, now + 29_999).holder("other")?.inFlight).toBe(2);
  expect(read(account, now + 30_000).holder("other")).toBeUndefined();
});
