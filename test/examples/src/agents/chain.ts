import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");

const chain = orchestra
  .researcher({ tools: documentTools(documents) })
  .pipe(orchestra.validator({ sources: documents }))
  .pipe(orchestra.executor());

const { text, citations } = await chain.invoke({ task: "When does a circuit breaker open?" });
console.log(text, citations);
