import { Command, isInterrupted, MemorySaver } from "@langchain/langgraph";
import { Orchestra } from "@orchestra/core";
import { documentTools, openDocuments } from "@orchestra/tools/documents";
import { parseApprovalDecision, researchValidateExecute } from "@orchestra/core/pipelines";

const orchestra = new Orchestra();
const documents = await openDocuments("./docs");
const pipeline = researchValidateExecute({
  researcher: orchestra.researcher({ tools: documentTools(documents) }),
  validator: orchestra.validator({ sources: documents }),
  executor: orchestra.executor(),
  checkpointer: new MemorySaver(), // stores the run while it waits
});

const config = { configurable: { thread_id: "42", approval: true } };
const waiting = await pipeline.invoke({ task: "When does a circuit breaker open?" }, config);
if (isInterrupted(waiting)) console.log(waiting.__interrupt__[0]?.value); // { type: "approval", review }

const decision = parseApprovalDecision({ decision: "approve", by: "Ada" });
const { status } = await pipeline.invoke(new Command({ resume: decision }), config);
console.log(status);
