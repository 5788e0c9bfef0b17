import "../check-node.ts";
export {
  parseApprovalDecision,
  type ApprovalDecision,
  type ApprovalRequest,
  type ReviewEdit,
} from "./approval.ts";
export { joinFindings } from "./join-findings.ts";
export {
  researchValidateExecute,
  type PipelineInput,
  type PipelineState,
  type ResearchValidateExecute,
} from "./research-validate-execute.ts";
export type {
  ResearchValidateExecuteOptions,
  Wiring,
} from "./research-validate-execute-options.ts";
export type { Step, StepFunction } from "./step.ts";
