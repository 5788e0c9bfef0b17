export {
  parseApprovalDecision,
  type ApprovalDecision,
  type ApprovalRequest,
  type ReviewEdit,
} from "./approval.ts";
export {
  researchValidateExecute,
  type PipelineInput,
  type PipelineState,
  type ResearchValidateExecute,
  type ResearchValidateExecuteOptions,
} from "./research-validate-execute.ts";
