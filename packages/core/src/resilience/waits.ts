export { unlessAborted, within } from "../clock/clock.ts";
export { backoff } from "./backoff.ts";
