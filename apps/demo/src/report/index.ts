export { jsonResult } from "./json-result.ts";
export { markdown } from "./markdown.ts";
export { answerText, factsText } from "./report.ts";
