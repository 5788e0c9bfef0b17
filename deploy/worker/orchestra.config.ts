import { join } from "node:path";
import { defineConfig } from "@orchestra/cli";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { definePipeline } from "@orchestra/runtime";
import { z } from "zod";

const documents = await openDocuments(join(import.meta.dirname, "documents"));

const answer = definePipeline({
  name: "answer",
  input: z.object({ task: z.string().min(1) }),
  create: ({ orchestra, checkpointer }) =>
    researchValidateExecute({
      researcher: orchestra.researcher({ tools: documentTools(documents) }),
      validator: orchestra.validator({ sources: documents }),
      executor: orchestra.executor(),
      checkpointer,
    }),
});

export default defineConfig({ pipelines: [answer] });
