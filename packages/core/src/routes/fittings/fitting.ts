import type { ChatRequest } from "../../completions/index.ts";

/** A way to say the same in a form that a stricter server takes. */
export interface Fitting {
  /** What it changes, in the words of events and logs. */
  readonly name: string;
  /** What a server says that needs it. */
  readonly refusal: RegExp;
  /** The changed request; the same object if there is nothing to change. */
  readonly fit: (request: ChatRequest) => ChatRequest;
}
