import { expect } from "vitest";
import { temporaryFolder } from "../../test-support/temporary-folder.ts";
import { openMcpServers } from "../index.ts";
import { failedCall } from "./call.ts";
import { Events } from "./events.ts";
import { isRunning, pidsIn } from "./processes.ts";
import { scripted } from "./scripted.ts";

/** Number of servers that run concurrently. */
const batchSize = 20;

/** How a server ends; its child ignores SIGTERM, and keeps the server's output open. */
const ends = ["close", "SIGKILL", "SIGTERM", "crash", "close at a call"] as const;

async function endOne(end: (typeof ends)[number], pids: string): Promise<number[]> {
  const events = new Events();
  const options = { onEvent: events.onEvent, maxRestarts: 0 };
  await using servers = await openMcpServers(scripted({ pids, child: true }), options);
  const started = pidsIn(pids);
  expect(started.filter(isRunning)).toHaveLength(2);
  if (end === "close at a call") void failedCall(servers, "scripted__wait");
  if (end === "crash") await failedCall(servers, "scripted__crash");
  if (end === "SIGKILL" || end === "SIGTERM") process.kill(started[0] ?? 0, end);
  if (!end.startsWith("close")) await events.next("server-failure");
  await servers.close();
  return started.filter(isRunning);
}

/** Starts servers and ends them. Returns their remaining processes. */
export async function endServers(count: number): Promise<number[]> {
  const left: number[] = [];
  await using folder = await temporaryFolder({});
  for (let start = 0; start < count; start += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, count - start) }, (_, index) =>
      endOne(ends[index % ends.length] ?? "close", `${folder.path}/${start + index}`),
    );
    left.push(...(await Promise.all(batch)).flat());
  }
  return left;
}
