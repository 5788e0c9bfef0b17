export { within } from "../clock/clock.ts";
export { backoff } from "./backoff.ts";
export { unlessAborted } from "./unless-aborted.ts";
