import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** A config with a pipeline. */
export const config = join(import.meta.dirname, "answer.config.ts");
const body = JSON.stringify({ pipeline: "answer", input: { task: "When was it built?" } });

/** Starts a run by a request to a server. @returns the id of the run */
export async function startAt(
  url: string,
  key: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const headers = { "content-type": "application/json", "idempotency-key": key, ...more };
  const started = await fetch(`${url}/runs`, { method: "POST", headers, body });
  const { id } = (await started.json()) as { readonly id: string };
  return id;
}

/** Starts a run by a request to a server, and follows it until it ends. @returns the text of its last event */
export async function runAt(url: string): Promise<string> {
  const id = await startAt(url, randomUUID());
  const events = await (await fetch(`${url}/runs/${id}/events`)).text();
  return events.split("event: run-end").at(-1) ?? "";
}
