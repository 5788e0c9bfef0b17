import type { Orchestra } from "@orchestra/core";
import { documentTools, type HybridDocuments } from "@orchestra/tools/documents";
import {
  researchValidateExecute,
  type PipelineState,
  type ResearchValidateExecuteOptions,
} from "@orchestra/core/pipelines";

export interface AskOptions {
  readonly orchestra: Orchestra;
  readonly documents: HybridDocuments;
  readonly question: string;
  readonly runId: string;
  readonly signal: AbortSignal;
}

/** Runs the pipeline once, without storing anything. */
export function ask(options: AskOptions): Promise<PipelineState> {
  const { question, runId, signal } = options;
  const pipeline = createPipeline(options);
  return pipeline.invoke({ task: question }, { signal, configurable: { run_id: runId } });
}

export interface PipelineParts extends Pick<ResearchValidateExecuteOptions, "checkpointer"> {
  readonly orchestra: Orchestra;
  readonly documents: HybridDocuments;
}

/** The pipeline: research in the documents, check every quotation against them, write the answer. */
export function createPipeline({ orchestra, documents, checkpointer }: PipelineParts) {
  return researchValidateExecute({
    researcher: orchestra.researcher({ tools: documentTools(documents) }),
    validator: orchestra.validator({ sources: documents }),
    executor: orchestra.executor(),
    ...(checkpointer ? { checkpointer } : {}),
  });
}
