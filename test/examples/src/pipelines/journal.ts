import { MemorySaver } from "@langchain/langgraph";
import { MemoryJournal, Orchestra, type Journal } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");
const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
  checkpointer: new MemorySaver(),
});

const run = (journal: Journal) => ({
  configurable: { thread_id: "42", run_id: "42", journal },
  durability: "sync" as const,
});
const journal = new MemoryJournal();
const { status } = await pipeline
  .invoke({ task: "When does a circuit breaker open?" }, run(journal))
  .catch(() => pipeline.invoke(null, run(journal.again())));
console.log(status);
