import { parentPort } from "node:worker_threads";
import { loadPdf } from "../extract/pdf.ts";
import { readDocument, type ReadRequest, type ReadResult } from "./read-document.ts";

/** The messages of the thread: once that it is ready, and for each request that it begins, and its result. */
export type ThreadMessage = "ready" | "begun" | ReadResult;

/** The thread of `DocumentReader`: one request at a time. */
parentPort?.on("message", (request: ReadRequest) => void answer(request));
say("ready");

async function answer(request: ReadRequest): Promise<void> {
  // The parsers are loaded before: that time does not count for the file.
  if (request.kind === "pdf") await loadPdf();
  say("begun");
  say(await readDocument(request));
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
