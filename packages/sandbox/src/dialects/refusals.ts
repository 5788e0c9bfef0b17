import type { Refusal } from "../faults/refusal.ts";
import { frame } from "../wire/stream.ts";
import type { Dialect, DialectRequest } from "./dialect.ts";

/** Refuses each request the first time. */
function atFirst(refusal: (request: DialectRequest) => Refusal): Pick<Dialect, "refuse"> {
  return { refuse: (request) => (request.attempt === 1 ? refusal(request) : undefined) };
}

const events = { "Content-Type": "text/event-stream" };

/** Ways to fail at first, with a wait time. */
export const refusalDialects: readonly Dialect[] = [
  {
    name: "error-in-200",
    description: "At first HTTP 200 with a 429 inside, as JSON that is labelled as a stream.",
    ...atFirst(() => ({
      status: 200,
      message: "",
      headers: events,
      body: { error: { code: 429, message: "Rate limited. Please try again in 10ms." } },
    })),
  },
  {
    name: "error-event",
    description: "At first a stream that is an event of the type error.",
    format: "openai",
    ...atFirst(() => ({
      status: 200,
      message: "",
      headers: events,
      body: `event: error\n${frame({ type: "overloaded_error", message: "Overloaded" })}`,
    })),
  },
  {
    name: "retry-info",
    description: "At first a 429 in a list, with Google's RetryInfo.",
    format: "openai",
    ...atFirst(() => ({
      status: 429,
      message: "",
      body: [
        {
          error: {
            code: 429,
            message: "Resource has been exhausted (e.g. check quota).",
            status: "RESOURCE_EXHAUSTED",
            details: [
              { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.010s" },
            ],
          },
        },
      ],
    })),
  },
  {
    name: "retry-in-raw",
    description: "At first OpenRouter's 429 that repeats the provider's RetryInfo as a text.",
    ...atFirst(() => ({
      status: 429,
      message: "Provider returned error",
      metadata: {
        raw: JSON.stringify({ error: { code: 429, details: [{ retryDelay: "0.010s" }] } }),
        provider_name: "Google AI Studio",
      },
    })),
  },
  {
    name: "retry-in-words",
    description: "At first OpenAI's 429, compressed, with the wait in its words.",
    format: "openai",
    encoding: "gzip",
    ...atFirst(() => ({
      status: 429,
      message: "",
      body: {
        error: {
          message:
            "Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000. Please try again in 0.01s.",
          type: "tokens",
          param: null,
          code: "rate_limit_exceeded",
        },
      },
    })),
  },
  {
    name: "failure-in-200",
    description: "At first HTTP 200 with { success: false } and the reason only as text.",
    format: "openai",
    ...atFirst(() => ({
      status: 200,
      message: "",
      body: { success: false, errors: [{ message: "Too many requests, try again in 10ms." }] },
    })),
  },
  {
    name: "empty-first",
    description: "At first an answer without content, with the finish reason stop.",
    ...atFirst(({ request }) => {
      const message = { role: "assistant", content: "" };
      const choice = { index: 0, finish_reason: "stop", delta: message, message };
      const answer = { object: "chat.completion", choices: [choice] };
      return request.stream
        ? { status: 200, message: "", headers: events, body: frame(answer) }
        : { status: 200, message: "", body: answer };
    }),
  },
  {
    name: "nothing-first",
    description: "At first HTTP 200 with an empty body.",
    ...atFirst(() => ({ status: 200, message: "", body: "" })),
  },
  {
    name: "null-first",
    description: "At first HTTP 200 with the body null.",
    ...atFirst(() => ({ status: 200, message: "", body: "null" })),
  },
];
