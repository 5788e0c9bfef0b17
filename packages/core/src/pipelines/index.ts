export {
  parseApprovalDecision,
  type ApprovalDecision,
  type ApprovalRequest,
  type ReviewEdit,
} from "./approval.ts";
export {
  researchValidateExecute,
  type PipelineState,
  type ResearchValidateExecuteOptions,
} from "./research-validate-execute.ts";
