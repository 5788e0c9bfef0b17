export { expected } from "../errors/explain-issue.ts";
export { checkInput } from "./check-input.ts";
export * from "./schemas.ts";
