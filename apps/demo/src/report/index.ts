export { jsonResult } from "./json-result.ts";
export { markdown } from "./markdown.ts";
export { report } from "./report.ts";
export { wrap } from "./wrap.ts";
