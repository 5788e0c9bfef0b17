// The process that works on a durable run. Its parent starts it, watches it, and kills it.
import { once } from "node:events";
import { executeRun } from "./execute-run.ts";
import type { Job, Message } from "./messages.ts";
import type { PlainError } from "./worker-failure.ts";

const stopping = new AbortController();

// A terminal sends Ctrl-C to all its processes. The parent handles it, and tells this process to stop.
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
// Ends this process if its parent has ended.
process.on("disconnect", () => process.exit(1));

const [job] = (await once(process, "message")) as [Job];
process.once("message", () => stopping.abort());

const tell = (message: Message) =>
  new Promise<void>((resolve) => {
    process.send?.(message, () => resolve());
  });

try {
  await executeRun(job, { tell, signal: stopping.signal });
} catch (error) {
  const { code, message } = error as Partial<PlainError>;
  const failure = { code: code ?? "unknown_error", message: message ?? String(error) };
  await tell({ type: "failure", error: failure });
}
process.exit();
