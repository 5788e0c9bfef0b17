export { Coalescer } from "./coalescer.ts";
export { requestKey } from "./request-key.ts";
