import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { joinFindings, researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra();
const guides = await openDocuments("./docs");
const decisions = await openDocuments("./docs/decisions");

const pipeline = researchValidateExecute({
  researcher: [
    orchestra.researcher({ tools: documentTools(guides) }),
    orchestra.researcher({ tools: documentTools(decisions) }),
  ],
  join: joinFindings, // the default: all claims, each once
  // A quotation is looked up in both folders, as a path is relative to its own.
  validator: orchestra.validator({
    sources: {
      locate: (evidence) => guides.locate(evidence) ?? decisions.locate(evidence),
    },
  }),
  executor: orchestra.executor(),
});

const { findings } = await pipeline.invoke({ task: "When does a circuit breaker open?" });
console.log(findings?.claims.length);
