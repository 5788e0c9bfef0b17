import { expect, test } from "vitest";
import { GrantLog } from "./grant-log.ts";

const spanMs = 1000;

test("a grant that is moved back takes its place among the others, and stops counting sooner", () => {
  const log = new GrantLog(spanMs);
  log.add(100, 1);
  log.add(200, 2);
  log.add(300, 4);
  const last = log.add(400, 8);

  log.moveBack(last, 150, 400);

  expect(log.toJSON()).toEqual([
    [100, 1, 1],
    [150, 1, 8],
    [200, 1, 2],
    [300, 1, 4],
  ]);
  const times = [400, 1100, 1150, 1200, 1300];
  expect(times.map((now) => log.tokens(now))).toEqual([15, 14, 6, 4, 0]);
});

test("a grant is not moved to a later instant", () => {
  const log = new GrantLog(spanMs);
  const grant = log.add(100, 1);
  log.add(200, 2);

  log.moveBack(grant, 300, 300);

  expect(log.toJSON()).toEqual([
    [100, 1, 1],
    [200, 1, 2],
  ]);
});
