import type { ChatRequest } from "../../completions/index.ts";

/** Another form of a request that a stricter server accepts. */
export interface Fitting {
  /** The change, in the words of events and logs. */
  readonly name: string;
  /** Messages of servers that need it. */
  readonly refusal: RegExp;
  /** The changed request; the same object if there is nothing to change. */
  readonly fit: (request: ChatRequest) => ChatRequest;
}
