import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments, withHybridSearch } from "@orchestra/tools/documents";

const orchestra = new Orchestra({
  settings: {
    documentsEmbeddingModel: "openai/text-embedding-3-small",
    documentsRerankModel: "cohere/rerank-v3.5",
  },
});
const documents = await withHybridSearch(await openDocuments("./docs"), orchestra);

const chain = orchestra
  .researcher({ tools: documentTools(documents) })
  .pipe(orchestra.validator({ sources: documents }))
  .pipe(orchestra.executor());

const { text } = await chain.invoke({ task: "When does a circuit breaker open?" });
console.log(text, orchestra.ledger.total.costUsd);
