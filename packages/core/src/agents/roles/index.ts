export { checkQuotations, type FoundQuotation, type QuotationSource } from "./check-quotations.ts";
export { executor, type Citation, type Deliverable, type ExecutorOptions } from "./executor.ts";
export type { Claim, Evidence, Findings, Issue } from "./findings.ts";
export { researcher, type ResearcherOptions, type ResearchTask } from "./researcher.ts";
export { validator, type Review, type ValidatorOptions, type Verdict } from "./validator.ts";
