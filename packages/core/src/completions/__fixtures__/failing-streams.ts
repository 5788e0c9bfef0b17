import * as bodies from "../../errors/__fixtures__/error-bodies.ts";
import type { ErrorKind } from "../../errors/error-kinds.ts";
import type { ErrorReason } from "../../errors/model-error.ts";
import { chunk, done, keepAlive, usageChunk, wireUsage } from "./completions.ts";

export interface FailingStream {
  readonly name: string;
  readonly events: readonly (object | string)[];
  readonly kind: ErrorKind;
  readonly reason?: ErrorReason;
}

const hel = chunk({ content: "Hel" });
const finishedChoice = { index: 0, delta: {}, finish_reason: "stop" };
const interrupted = { kind: "invalid_response_error", reason: "interrupted" } as const;
const malformed = { kind: "invalid_response_error", reason: "malformed" } as const;
const empty = { kind: "invalid_response_error", reason: "empty" } as const;
const filtered = { kind: "permission_error", reason: "content_filter" } as const;

/** Streams that are not a success, and the error of each. */
export const failingStreams: readonly FailingStream[] = [
  { name: "an error chunk", events: [hel, bodies.errorChunk], kind: "rate_limit_error" },
  {
    name: "an error chunk with a word for a code",
    events: [bodies.errorChunkWithWord],
    kind: "service_error",
  },
  {
    name: "an error chunk without a choice",
    events: [bodies.errorChunkWithoutChoice],
    kind: "rate_limit_error",
  },
  {
    name: "an error in a choice",
    events: [hel, chunk({}, null, bodies.errorInsideChoice)],
    kind: "service_error",
  },
  {
    name: "an error in a choice that looks finished",
    events: [
      hel,
      chunk({}, null, {
        choices: [{ ...finishedChoice, error: { code: 429, message: "Too many" } }],
      }),
    ],
    kind: "rate_limit_error",
  },
  {
    name: "the finish reason error alone",
    events: [hel, chunk({}, "error")],
    kind: "service_error",
  },
  {
    name: "a tool call whose arguments are cut off",
    events: [
      chunk({
        tool_calls: [{ index: 0, id: "call-1", function: { name: "search", arguments: '{"qu' } }],
      }),
      chunk({}, "length"),
      usageChunk,
      done,
    ],
    kind: "invalid_response_error",
    reason: "truncated",
  },
  { name: "an end without a finish", events: [hel], ...interrupted },
  { name: "[DONE] without a finish", events: [hel, done], ...interrupted },
  { name: "no chunk at all", events: [keepAlive], ...empty },
  { name: "no chunk but [DONE]", events: [done], ...empty },
  {
    name: "usage as it is produced, and an end without a finish",
    events: [chunk({ content: "Hel" }, null, { usage: wireUsage })],
    ...interrupted,
  },
  { name: "a chunk that is not JSON", events: [hel, "data: {broken\n\n"], ...malformed },
  { name: "a chunk that is a number", events: ["data: 1\n\n"], ...malformed },
  { name: "a chunk that is a list", events: [hel, "data: []\n\n"], ...malformed },
  {
    name: "a finish without content",
    events: [chunk({ role: "assistant" }), chunk({}, "stop"), usageChunk],
    ...empty,
  },
  {
    name: "reasoning and then no content",
    events: [chunk({ reasoning: "Let me see." }), chunk({}, "stop"), usageChunk],
    ...empty,
  },
  {
    name: "a content filter",
    events: [hel, chunk({}, "content_filter"), usageChunk],
    ...filtered,
  },
];
