import { Orchestra } from "@orchestra/core";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { documentTools, openDocuments } from "@orchestra/tools/documents";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");
const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
});

const chunks = await pipeline.stream(
  { task: "When does a circuit breaker open?" },
  { streamMode: ["updates", "custom"] },
);
for await (const [mode, chunk] of chunks) {
  if (mode === "custom") console.log(chunk.type);
}
