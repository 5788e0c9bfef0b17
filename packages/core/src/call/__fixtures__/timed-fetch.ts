import type { FakeClock } from "../../clock/fake-clock.ts";
import { chunk, completion, done, helloStream, usageChunk } from "../../completions/__fixtures__/completions.ts";

/** What a server does with one request. */
export type Answer = keyof typeof bodies | "busy" | "silent" | "refused";

const finished = helloStream.slice(0, -2);
const bodies = {
  whole: helloStream,
  cut: [...helloStream.slice(0, 3), new TypeError("terminated")],
  failed: [...helloStream.slice(0, 3), chunk({}, "error", { error: { code: 502, message: "x" } })],
  "without usage": [...finished, done],
  "usage after the end": [...finished, done, usageChunk],
  "silent in the middle": [...helloStream.slice(0, 3), "silence"],
} as const;

/** How long each step of an answer takes, in milliseconds. */
const stepMs = 10;

/**
 * A `fetch` whose answers arrive in steps of a fake clock, and end with the signal, like those of undici.
 *
 * @param answers - One for each request of a chat completion; those after the last one are whole.
 * @param mark - Called at each step.
 */
export function timedFetch(
  clock: FakeClock,
  answers: readonly Answer[],
  mark: () => void,
): typeof fetch {
  let asked = 0;
  return async (input, init) => {
    const signal = init?.signal ?? new AbortController().signal;
    const url = input as string;
    if (!url.endsWith("/chat/completions")) return Response.json(...other(url));
    const answer = answers[asked] ?? "whole";
    asked += 1;
    mark();
    await clock.sleep(answer === "silent" ? 3_600_000 : stepMs, signal);
    mark();
    if (answer === "refused") throw new TypeError("fetch failed");
    if (answer === "busy") return Response.json({ error: { code: 503 } }, { status: 503 });
    const { stream = false } = JSON.parse(init?.body as string) as { stream?: boolean };
    const pieces = bodies[answer as keyof typeof bodies] ?? bodies.whole;
    const texts = stream ? pieces.map(asEvent) : asDocument(pieces);
    const type = stream ? "text/event-stream" : "application/json";
    const body = timedBody(clock, texts, signal, mark);
    return new Response(body, { headers: { "content-type": type } });
  };
}

function other(url: string): [unknown, ResponseInit?] {
  if (!url.endsWith("/models")) return [{ error: { code: 404 } }, { status: 404 }];
  const pricing = { prompt: "0.000001", completion: "0.000002" };
  return [{ data: [{ id: "openai/gpt-4o", context_length: 128_000, pricing }] }];
}

type Piece = string | object | Error;

function asEvent(piece: Piece): string | Error {
  if (typeof piece === "string" || piece instanceof Error) return piece;
  return `data: ${JSON.stringify(piece)}\n\n`;
}

/** A whole answer in two pieces; if its stream does not finish, only the first. */
function asDocument(pieces: readonly Piece[]): (string | Error)[] {
  const text = JSON.stringify(completion({}, pieces.includes(usageChunk) ? {} : { usage: null }));
  const last = pieces.at(-1);
  const end = last instanceof Error || last === "silence" ? last : text.slice(20);
  return [text.slice(0, 20), end];
}

function timedBody(
  clock: FakeClock,
  pieces: readonly (string | Error)[],
  signal: AbortSignal,
  mark: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const cancelled = new AbortController();
  const isOver = AbortSignal.any([signal, cancelled.signal]);
  let at = 0;
  return new ReadableStream({
    start: (controller) => {
      signal.addEventListener("abort", () => controller.error(signal.reason), { once: true });
    },
    async pull(controller) {
      const piece = pieces[at];
      at += 1;
      await clock.sleep(piece === "silence" ? 3_600_000 : stepMs, isOver);
      mark();
      if (isOver.aborted) return;
      if (piece === undefined) controller.close();
      else if (typeof piece === "string") controller.enqueue(encoder.encode(piece));
      else controller.error(piece);
    },
    cancel: () => cancelled.abort(),
  });
}
