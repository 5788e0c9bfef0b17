import type { Fault, FaultName } from "./fault.ts";

/** Every fault that is completely described by its name, with its effect. */
const DESCRIBED: readonly (readonly [fault: Fault, description: string])[] = [
  [{ fault: "slow" }, "Sends no byte for two seconds; slow-500 for 500 ms."],
  [{ fault: "hang" }, "Accepts the request and never answers."],
  [{ fault: "reset" }, "Destroys the socket instead of answering."],
  [{ fault: "cut" }, "Breaks the connection in the middle of the answer."],
  [
    { fault: "truncated" },
    "Ends a stream in its middle, cleanly, without finish, usage and [DONE].",
  ],
  [{ fault: "stall" }, "Begins to answer, then sends only keep-alive comments."],
  [{ fault: "broken-json" }, "Answers with HTTP 200 and JSON that does not parse."],
  [{ fault: "error-mid-stream" }, "Streams, then sends an error chunk and ends."],
  [
    { fault: "error-mid-stream-string-code" },
    "Streams, then an error chunk whose code is a string.",
  ],
  [{ fault: "error-mid-stream-no-choices" }, "Streams, then an error chunk with empty choices."],
  [{ fault: "error-200" }, "HTTP 200 whose body is a top-level error without choices."],
  [{ fault: "error-choice" }, "HTTP 200 with finish_reason error and an error inside the choice."],
  [{ fault: "empty" }, "HTTP 200, finish_reason stop, content null, no usage."],
  [{ fault: "length" }, "Stops at half the answer with finish_reason length."],
  [{ fault: "content-filter" }, "Stops at half the answer with finish_reason content_filter."],
  [{ fault: "not-json" }, "Answers in prose although JSON or a tool call was requested."],
  [{ fault: "no-done" }, "Streams finish and usage, then ends without [DONE]."],
  [
    { fault: "no-done-open" },
    "Streams finish and usage, then keeps the connection open without [DONE].",
  ],
  [{ fault: "rate-limit-minute" }, "429: the account's requests per minute are used up."],
  [{ fault: "rate-limit-day" }, "429: the account's requests of the day are used up."],
  [{ fault: "shared-pool" }, "429 from the provider, usually without Retry-After."],
  [{ fault: "admission-control" }, "429: the credits could not be verified in time."],
  [{ fault: "capacity-exhausted" }, "429 with an availability block."],
  [{ fault: "no-credits" }, "402: no credits are left."],
  [{ fault: "can-only-afford" }, "402: max_tokens is more than the credits pay for."],
  [{ fault: "over-budget" }, "402: one request costs more than the budget."],
  [{ fault: "in-flight" }, "402 that can be retried: requests in flight hold the budget."],
  [{ fault: "key-limit" }, "402: the key's own limit is reached."],
  [{ fault: "guardrail-budget" }, "403: a guardrail's budget is spent."],
  [{ fault: "moderation" }, "403: the input was flagged."],
  [{ fault: "not-found-upstream" }, "404 from a provider; the next request succeeds."],
  [{ fault: "no-endpoints" }, "404: no provider serves the model."],
  [{ fault: "unknown-model" }, "400: not a valid model ID."],
  [{ fault: "context-length" }, "400: the prompt is longer than the context."],
];

const byName = new Map<string, Fault>(DESCRIBED.map(([fault]) => [fault.fault, fault]));

const STATUSES = [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529];

/** The models of faults, as the catalogue lists them. */
export const FAULT_MODELS: readonly { readonly id: string; readonly description: string }[] = [
  ...STATUSES.map((status) => ({
    id: `sandbox/status-${status}`,
    description: `Answers with HTTP ${status}.`,
  })),
  ...DESCRIBED.map(([{ fault }, description]) => ({ id: `sandbox/${fault}`, description })),
];

/**
 * The fault of a name such as `hang`, `status-503` or `slow-500`, or `undefined` if there is none.
 */
export function parseFaultName(name: string): Fault | undefined {
  const status = /^status-([45]\d\d)$/.exec(name)?.[1];
  if (status !== undefined) return { fault: "status", status: Number(status) };
  const delayMs = /^slow-(\d+)$/.exec(name)?.[1];
  if (delayMs !== undefined) return { fault: "slow", delayMs: Number(delayMs) };
  return byName.get(name);
}

/** The fault that a model of that name always has. */
export function faultOfModelName(model: string): Fault | undefined {
  return model.startsWith("sandbox/") ? parseFaultName(model.slice("sandbox/".length)) : undefined;
}

/** The names that {@link parseFaultName} accepts, except `status-<code>` and `slow-<ms>`. */
export const FAULT_NAMES: readonly FaultName[] = DESCRIBED.map(([{ fault }]) => fault);
