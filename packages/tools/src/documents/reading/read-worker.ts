import { parentPort } from "node:worker_threads";
import { readDocument, type ReadRequest } from "./read-document.ts";

/** The thread of `DocumentReader`: one request at a time, one answer for each. */
parentPort?.on("message", (request: ReadRequest) => {
  void readDocument(request).then((result) => parentPort?.postMessage(result));
});

/** The thread is ready; it has loaded what it reads with. */
parentPort?.postMessage("ready");
