export {
  researchValidateExecute,
  type PipelineState,
  type ResearchValidateExecuteOptions,
} from "./research-validate-execute.ts";
