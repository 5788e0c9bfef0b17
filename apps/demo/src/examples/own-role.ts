// A role of your own, in a chain with the built-in ones.
import { defineRole, Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { z } from "zod";
import { openBackend } from "../backend.ts";
import { defaultFolder } from "../folders.ts";

// A role is data: a prompt, and schemas of its input and output. AGENT_MODEL_MAP='{"editor":"…"}' sets its
// model, as for every role.
const editor = defineRole({
  name: "editor",
  system: "You are an editor. You cut an answer down to the one sentence that readers need.",
  input: z.object({ task: z.string(), text: z.string() }),
  output: z.object({
    sentence: z.string().describe("The sentence of the answer that matters most, word for word"),
  }),
  // Checks what a schema cannot express. The model gets one turn to correct its answer.
  check: ({ sentence }, { text }) =>
    text.includes(sentence) ? [] : ["the sentence does not stand in the answer"],
  // Computes what code does better than a model.
  finish: ({ sentence }, { task }) => ({ question: task, teaser: `In short: ${sentence}` }),
});

await using backend = await openBackend(); // OpenRouter where there is a key, else the sandbox
const orchestra = new Orchestra({ environment: backend.environment });
const documents = await openDocuments(defaultFolder);

const pipeline = orchestra
  .researcher({ tools: documentTools(documents) })
  .pipe(orchestra.validator({ sources: documents }))
  .pipe(orchestra.executor())
  .pipe(orchestra.agent(editor));

const task = "What happens when the primary model keeps failing?";
const { question, teaser } = await pipeline.invoke({ task });
process.stdout.write(`${question}\n${teaser}\n`);
