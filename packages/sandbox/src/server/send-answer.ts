import type { ServerResponse } from "node:http";
import { delay } from "../delay.ts";
import type { WirePlan } from "../faults/plan.ts";
import type { ResolvedSandboxOptions } from "../options.ts";
import { PROCESSING_COMMENT } from "../wire/stream.ts";

/** The interval of keep-alives during a stalled answer. */
const KEEP_ALIVE_MS = 1_000;

/** Sends a streamed answer at the pace of the tokens. */
export async function sendStream(
  response: ServerResponse,
  plan: WirePlan,
  latency: ResolvedSandboxOptions["latency"],
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-cache",
    ...headers,
  });
  const { firstTokenMs, betweenTokensMs } = latency;
  if (firstTokenMs <= 0 && betweenTokensMs <= 0) {
    response.write([...plan.opening, ...plan.content, ...plan.closing].join(""));
  } else {
    response.write(plan.opening.join(""));
    await delay(firstTokenMs, signal);
    for (const [index, chunk] of plan.content.entries()) {
      if (index > 0) await delay(betweenTokensMs, signal);
      if (signal.aborted) return;
      response.write(chunk);
    }
    response.write(plan.closing.join(""));
  }
  conclude(response, plan.ending, PROCESSING_COMMENT, signal);
}

/** Sends a whole answer. */
export function sendPlain(
  response: ServerResponse,
  plan: WirePlan,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): void {
  const text = plan.closing.join("");
  response.writeHead(200, {
    "Content-Type": "application/json",
    ...headers,
    ...(plan.ending === "end" && { "Content-Length": Buffer.byteLength(text) }),
    ...(plan.ending === "destroy" && { "Content-Length": 2 * Buffer.byteLength(text) }),
  });
  if (plan.ending === "end") {
    response.end(text);
    return;
  }
  if (text === "") response.flushHeaders();
  else response.write(text);
  conclude(response, plan.ending, "\n", signal);
}

function conclude(
  response: ServerResponse,
  ending: WirePlan["ending"],
  keepAlive: string,
  signal: AbortSignal,
): void {
  switch (ending) {
    case "end":
      response.end();
      break;
    case "destroy":
      // Only after the written data was sent, or the client would receive less than intended.
      response.write("", () => response.destroy());
      break;
    case "stall": {
      response.write(keepAlive);
      const timer = setInterval(() => response.write(keepAlive), KEEP_ALIVE_MS);
      signal.addEventListener("abort", () => clearInterval(timer), { once: true });
      break;
    }
    case "hold":
      break;
    default:
      ending satisfies never;
  }
}
