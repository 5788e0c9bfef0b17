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

const task = "What happens when the primary model keeps failing?";
const { status, answer, citations } = await pipeline.invoke({ task });
console.log(status);
console.log(answer);
console.log(citations[0]?.path);
