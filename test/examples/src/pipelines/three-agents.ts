import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra(); // settings from the environment
const documents = await openDocuments("./docs");

const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
});

const { status, answer, citations, reasons } = await pipeline.invoke(
  { task: "When does a circuit breaker open?" },
  { signal: AbortSignal.timeout(60_000) },
);
console.log(status, answer, citations, reasons);
