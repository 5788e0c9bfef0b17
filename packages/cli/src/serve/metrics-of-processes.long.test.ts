import { expect, test } from "vitest";
import { startCli } from "../test-support/start-cli.ts";
import { startStage } from "../test-support/start-stage.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

/** The connection is closed after each answer, so the next request goes to the other process. */
const headers = { "content-type": "application/json", connection: "close" };

async function call(url: string): Promise<void> {
  const body = JSON.stringify({ messages: [{ role: "user", content: "Hello" }] });
  const response = await fetch(`${url}/chat/completions`, { method: "POST", headers, body });
  expect(response.status).toBe(200);
  await response.text();
}

/** Number of calls in the metrics of one process. */
async function countCalls(url: string): Promise<number> {
  const response = await fetch(new URL("/metrics", url), { headers });
  expect(response.status).toBe(200);
  const counts = (await response.text()).matchAll(/^orchestra_calls_total\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

test("with --processes, /metrics of each process has the metrics of all, also of a replacement", async () => {
  await using folder = await temporaryFolder();
  await using stage = await startStage();
  const options = { folder: folder.path, environment: stage.environment };
  await using running = startCli(["serve", "--port", "0", "--processes", "2"], options);
  const listening = () => running.log().filter(({ message }) => message === "server listens");
  await expect.poll(() => listening().length).toBe(2);
  const [first] = listening() as unknown as { readonly url: string; readonly pid: number }[];
  const url = first?.url ?? "";

  for (let sent = 0; sent < 20; sent += 1) await call(url);
  for (let asked = 0; asked < 4; asked += 1) expect(await countCalls(url)).toBe(20);

  // The counts of a process that ended are kept. Lower sums would look like a restart of the whole server.
  process.kill(first?.pid ?? 0, "SIGKILL");
  await running.saw("a process of the server ended, and is replaced");
  expect(await countCalls(url)).toBe(20);
  await expect.poll(() => listening().length).toBe(3);
  expect(await countCalls(url)).toBe(20);
  for (let sent = 0; sent < 10; sent += 1) await call(url);
  for (let asked = 0; asked < 4; asked += 1) expect(await countCalls(url)).toBe(30);

  // The last counts of a process that hangs are kept too.
  const [, second] = listening() as unknown as { readonly pid: number }[];
  const pid = second?.pid ?? 0;
  process.kill(pid, "SIGSTOP");
  using _ = { [Symbol.dispose]: () => process.kill(pid, "SIGKILL") };
  // Of two connections, one goes to the process that does not hang.
  expect(await Promise.any([countCalls(url), countCalls(url)])).toBe(30);
});
