import { expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { Announcer } from "./announcer.ts";
import { LiveLane } from "./live-lane.ts";

test("all growing answers of a process are written in one statement, and announced in one", async () => {
  const asked: [string, readonly unknown[]][] = [];
  const query: Database["query"] = async (text, values = []) => {
    asked.push([text, values]);
    return [];
  };
  const announcer = new Announcer({
    database: { query },
    eventsChannel: "events",
    workChannel: "work",
    onError: (error) => expect.unreachable(String(error)),
  });
  const lane = new LiveLane({
    database: { query, schema: "orchestra" },
    announcer,
    redact: (text) => text,
    gatherMs: 1,
  });
  const runIds = Array.from({ length: 40 }, (_, index) => `run-${index}`);
  for (const text of ["It ", "was ", "built."]) {
    for (const runId of runIds) {
      lane.add(
        { runId, jobId: "job", attempt: 0 },
        { type: "text-delta", text, offset: 0, attempt: 1, callId: "c", role: "writer", runId },
      );
    }
  }
  await expect.poll(() => asked.length).toBe(2);
  await lane[Symbol.asyncDispose]();
  await announcer[Symbol.asyncDispose]();
  const [[insertion, [shown]], [notice, [channels, payloads]]] = asked as [
    [string, unknown[]],
    [string, unknown[]],
  ];
  expect(insertion).toMatch(/^INSERT INTO "orchestra"\.live /);
  expect(insertion).not.toContain("notify");
  expect(new Set(shown as string[])).toEqual(new Set(runIds));
  expect(notice).toMatch(/^SELECT pg_notify/);
  expect(channels).toEqual(["events"]);
  const announced = (payloads as string[]).flatMap(
    (each) => JSON.parse(each) as [string, number][],
  );
  expect(announced).toEqual(runIds.map((id) => [id, 0]));
  expect(asked).toHaveLength(2);
});
