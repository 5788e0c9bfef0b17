import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Review } from "../agents/index.ts";
import { redactSecrets } from "../errors/index.ts";
import { messageOf } from "../errors/message-of.ts";
import { createEmitEvent, type OrchestraEvent } from "../usage/index.ts";
import { askPerson } from "./approval.ts";
import { withEdit } from "./approval-decision.ts";
import { announcer, runIdFor } from "./in-run.ts";
import type { PipelineState } from "./pipeline-state.ts";

/** A graph has no log: errors of listeners are warnings of the process. */
const emit = createEmitEvent([], (error) => {
  const message = redactSecrets(messageOf(error));
  process.emitWarning(`A listener threw an error, which is ignored: ${message}`);
});

/** Shows a person the executor's input, and continues with their decision. */
export function approve(state: PipelineState, config: LangGraphRunnableConfig) {
  const { review } = state;
  const runId = runIdFor(state, config);
  const announce = (event: OrchestraEvent) => emit(event, announcer(config));
  const asked = review as Review;
  const decided = askPerson({ type: "approval", review: asked }, () =>
    announce({ type: "approval-request", runId, review: asked }),
  );
  const { decision, by } = decided;
  const reason = decision === "reject" ? decided.reason : decided.note;
  announce({ type: "approval-decision", runId, decision, by, reason });
  return {
    approval: decided,
    review: decision === "edit" ? withEdit(asked, decided.review) : asked,
  };
}

export function afterApproval({ approval }: PipelineState) {
  return approval?.decision === "reject" ? "reject" : "execute";
}

export function reject(state: PipelineState, config: LangGraphRunnableConfig) {
  const { review, revisions, approval } = state;
  const rejected = { status: "rejected" as const, runId: runIdFor(state, config) };
  if (approval?.decision === "reject") {
    const { reason = "A person rejected the findings" } = approval;
    return { ...rejected, reasons: [reason], answer: reason };
  }
  const problems = (review?.issues ?? []).map(({ problem }) => problem);
  const rounds = revisions === 1 ? "1 revision" : `${revisions} revisions`;
  const tried = revisions > 0 ? [`${rounds} did not fix it`] : [];
  const answer = problems[0] ?? "The findings were rejected";
  return { ...rejected, reasons: [...problems, ...tried], answer };
}
