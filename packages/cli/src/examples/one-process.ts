// The first program of docs/runs.md.
// oxlint-disable no-console
// #region one-process
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { definePipeline, openRuntime } from "@orchestra/runtime";
import { z } from "zod";

const documents = await openDocuments("./docs");

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

const runtime = await openRuntime({ pipelines: [answer] });
await runtime.work();

const { id } = await runtime.start("answer", { task: "What is retried?" });
const { status, output, usage } = await runtime.wait(id);
console.log(status, output, usage.costUsd);
await runtime.close();
// #endregion
