// The process that works on a durable run. Its parent starts it, watches it, and kills it.
import { once } from "node:events";
import { executeRun } from "./execute-run.ts";
import type { Job, Message } from "./messages.ts";
import type { PlainError } from "./worker-failure.ts";

const stopping = new AbortController();

// Ctrl-C reaches every process of the terminal; what it means is the parent's to say.
process.on("SIGINT", () => undefined).on("SIGTERM", () => undefined);
// Without its parent, no other process would end it.
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
