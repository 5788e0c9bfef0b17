import { completionBody, type ChoiceError } from "../wire/completion.ts";
import type { Generation } from "../wire/generation.ts";
import { DONE, errorFrame, frame, type StreamFrames } from "../wire/stream.ts";
import type { Fault } from "./fault.ts";

/**
 * How an answer is written to the socket, and how the connection ends: normally,
 * destroyed, open without data, or open with keep-alives.
 */
export interface WirePlan {
  readonly opening: readonly string[];
  /** Sent one by one, at the pace of the tokens. */
  readonly content: readonly string[];
  readonly closing: readonly string[];
  readonly ending: "end" | "destroy" | "hold" | "stall";
}

const DISCONNECTED: ChoiceError = {
  code: 502,
  message: "Provider disconnected mid-stream",
  metadata: { error_type: "provider_unavailable" },
};

/** The plan of a streamed answer. */
export function planStream(
  frames: StreamFrames,
  generation: Generation,
  fault: Fault | undefined,
): WirePlan {
  const { opening, content, finish, usage } = frames;
  const tail = usage === undefined ? [finish] : [finish, usage];
  const whole: WirePlan = { opening, content, closing: [...tail, DONE], ending: "end" };
  if (fault === undefined) return whole;

  const begun = content.slice(0, chunksBefore(fault, content.length));
  const next = content[begun.length] ?? finish;
  const stopWith = (closing: string[], ending: WirePlan["ending"] = "end"): WirePlan => ({
    opening,
    content: begun,
    closing,
    ending,
  });
  switch (fault.fault) {
    case "cut":
      return stopWith([next.slice(0, next.length >> 1)], "destroy");
    case "truncated":
      return stopWith([]);
    case "stall":
      return stopWith([], "stall");
    case "broken-json":
      return stopWith([`${next.trimEnd().slice(0, -3)}\n\n`, ...tail, DONE]);
    case "error-mid-stream":
      return stopWith([errorFrame(generation, DISCONNECTED, true)]);
    case "error-mid-stream-string-code":
      return stopWith([
        errorFrame(generation, { code: "server_error", message: "Provider disconnected" }, true),
      ]);
    case "error-mid-stream-no-choices":
      return stopWith([errorFrame(generation, DISCONNECTED, false)]);
    case "error-200":
      return {
        opening: opening.slice(0, -1),
        content: [],
        closing: [frame(error200(generation)), DONE],
        ending: "end",
      };
    case "no-done":
      return { ...whole, closing: tail };
    case "no-done-open":
      return { ...whole, closing: tail, ending: "hold" };
    default:
      return whole;
  }
}

/** The plan of a whole answer. */
export function planPlain(generation: Generation, fault: Fault | undefined): WirePlan {
  const send = (body: object) => planBody(body, generation, fault);
  switch (fault?.fault) {
    case "truncated":
      return send({ ...completionBody(generation), choices: [] });
    case "error-choice":
    case "error-mid-stream":
    case "error-mid-stream-string-code":
    case "error-mid-stream-no-choices":
      return send(completionBody({ ...generation, finishReason: "error" }, DISCONNECTED));
    default:
      return send(completionBody(generation));
  }
}

/** The plan of a JSON document. */
export function planBody(
  body: object,
  of: Pick<Generation, "id" | "provider">,
  fault: Fault | undefined,
): WirePlan {
  const send = (text: string, ending: WirePlan["ending"] = "end"): WirePlan => ({
    opening: [],
    content: [],
    closing: [text],
    ending,
  });
  const text = JSON.stringify(body);
  switch (fault?.fault) {
    case "cut":
      return send(text.slice(0, text.length >> 1), "destroy");
    case "stall":
      return send("", "stall");
    case "broken-json":
      return send(text.slice(0, -3));
    case "error-200":
      return send(JSON.stringify(error200(of)));
    default:
      return send(text);
  }
}

function chunksBefore(fault: Fault, chunks: number): number {
  const asked = "afterChunks" in fault ? fault.afterChunks : undefined;
  return Math.min(chunks, asked ?? Math.max(1, chunks >> 1));
}

function error200({ id, provider }: Pick<Generation, "id" | "provider">) {
  return {
    id,
    error: {
      message: "Provider returned error",
      code: 429,
      metadata: { raw: "error code: 1015", provider_name: provider },
    },
    user_id: "user_sandbox",
  };
}
