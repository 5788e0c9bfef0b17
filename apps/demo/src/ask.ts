import { researchValidateExecute, type Orchestra, type PipelineState } from "@orchestra/core";
import { documentTools, type DocumentCollection } from "@orchestra/core/documents";

export interface AskOptions {
  readonly orchestra: Orchestra;
  readonly documents: DocumentCollection;
  readonly question: string;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** The pipeline: research in the documents, check every quotation against them, write the answer. */
export function ask(options: AskOptions): Promise<PipelineState> {
  const { orchestra, documents, question, runId, signal } = options;
  const pipeline = researchValidateExecute({
    researcher: orchestra.researcher({ tools: documentTools(documents) }),
    validator: orchestra.validator({ sources: documents }),
    executor: orchestra.executor(),
  });
  return pipeline.invoke({ task: question }, { signal, configurable: { run_id: runId } });
}
