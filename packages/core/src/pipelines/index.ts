import "../check-node.ts";
export type { ApprovalRequest } from "./approval.ts";
export {
  parseApprovalDecision,
  type ApprovalDecision,
  type ReviewEdit,
} from "./approval-decision.ts";
export { joinFindings } from "./join-findings.ts";
export type { PipelineState } from "./pipeline-state.ts";
export {
  researchValidateExecute,
  type ResearchValidateExecute,
} from "./research-validate-execute.ts";
export type {
  ResearchValidateExecuteOptions,
  Wiring,
} from "./research-validate-execute-options.ts";
export type { PipelineInput } from "./run-input.ts";
export type { Step, StepFunction } from "./step.ts";
