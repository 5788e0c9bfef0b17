// Composition: three agents piped into one runnable.
import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { openBackend } from "../backend.ts";
import { defaultFolder } from "../folders.ts";

await using backend = await openBackend(); // OpenRouter where there is a key, else the sandbox
const orchestra = new Orchestra({ environment: backend.environment });
const documents = await openDocuments(defaultFolder);

const pipeline = orchestra
  .researcher({ tools: documentTools(documents) })
  .pipe(orchestra.validator({ sources: documents }))
  .pipe(orchestra.executor());

const task = "What happens when the primary model keeps failing?";
const { text, citations } = await pipeline.invoke({ task });
const sources = citations.map(({ number, path, line }) => `[${number}] ${path}:${line}`);
process.stdout.write(`${[text, ...sources].join("\n")}\n`);
