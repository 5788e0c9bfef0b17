export { checkQuotations, type FoundQuotation, type QuotationSource } from "./check-quotations.ts";
export { executor, type Citation, type Deliverable, type ExecutorOptions } from "./executor.ts";
export {
  findingsSchema,
  type Claim,
  type Evidence,
  type Findings,
  type Issue,
} from "./findings.ts";
export { researcher, type ResearcherOptions, type ResearchTask } from "./researcher.ts";
export {
  reviewSchema,
  validator,
  type Review,
  type ValidatorOptions,
  type Verdict,
} from "./validator.ts";
