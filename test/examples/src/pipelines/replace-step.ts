import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");

const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  // A function instead of the validator: it approves what has a claim.
  validator: (findings) => ({
    ...findings,
    verdict: findings.claims.length > 0 ? "approve" : "reject",
    issues: findings.claims.length > 0 ? [] : [{ claim: null, problem: "Nothing found" }],
    confidence: 1,
  }),
  executor: orchestra.executor(),
});

const { status } = await pipeline.invoke({ task: "When does a circuit breaker open?" });
console.log(status);
