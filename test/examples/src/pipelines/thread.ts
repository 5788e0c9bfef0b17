import { MemorySaver } from "@langchain/langgraph";
import { Orchestra } from "@orchestra/core";
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

const config = { configurable: { thread_id: "42" } };
const first = await pipeline.invoke({ task: "When does a circuit breaker open?" }, config);
const second = await pipeline.invoke({ task: "How are retries spaced?" }, config);
console.log(first.runId === second.runId); // false
