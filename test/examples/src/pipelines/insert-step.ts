import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");

const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
  after: {
    // Keeps the first three claims, in every round.
    research: (findings) => ({ ...findings, claims: findings.claims.slice(0, 3) }),
    execute: (deliverable) => ({ ...deliverable, text: `${deliverable.text}\n\nChecked.` }),
  },
});

const { answer } = await pipeline.invoke({ task: "When does a circuit breaker open?" });
console.log(answer);
