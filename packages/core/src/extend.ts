export { expected } from "./errors/explain-issue.ts";
export { OrchestraError } from "./errors/orchestra-error.ts";
export { checkInput } from "./input/check-input.ts";
export * as schemas from "./input/schemas.ts";
