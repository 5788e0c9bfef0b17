// The whole pipeline in one file: `node … src/examples/pipeline.ts "question" FOLDER`.
import { Orchestra, type OrchestraEvent } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { openBackend } from "../backend.ts";
import { defaultFolder } from "../folders.ts";

const task = process.argv[2] ?? "What happens when the primary model keeps failing?";
const folder = process.argv[3] ?? defaultFolder;

// OpenRouter if there is a key, else the sandbox.
await using backend = await openBackend();
const orchestra = new Orchestra({ environment: backend.environment });
const documents = await openDocuments(folder);

// The researcher searches the documents, the validator looks up each quotation in them, and the executor
// writes the answer from what the validator approved.
const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
});

// Prints the progress on standard error: the roles, the searches, and the answer while it arrives.
const show = (event: OrchestraEvent) => {
  if (event.type === "agent-start") process.stderr.write(`\n${event.role}: `);
  if (event.type === "tool-call") process.stderr.write(`${JSON.stringify(event.input)} `);
  if (event.type === "text-delta") process.stderr.write(event.text);
};
const config = { configurable: { run_id: crypto.randomUUID(), on_event: show } };
const { status, answer, citations } = await pipeline.invoke({ task }, config);

// Prints the answer on standard output.
const sources = citations.map(
  ({ number, path, line, quote }) => `[${number}] ${path}:${line} ${quote}`,
);
process.stdout.write(`${[answer, ...sources].join("\n")}\n`);
process.exitCode = status === "succeeded" ? 0 : 3;

const { costUsd, attempts, durationMs } = orchestra.ledger.run(config.configurable.run_id);
process.stderr.write(
  `\n${attempts} requests, ${Math.round(durationMs)} ms, $${costUsd.toFixed(6)}\n`,
);
