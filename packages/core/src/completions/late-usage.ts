import { ModelError } from "../errors/index.ts";
import type { LateUsage } from "../usage/response-metadata.ts";
import type { EventReader } from "./reading/event-reader.ts";
import { ResponseState } from "./response-state.ts";

/** How long the stream is read for late usage, in milliseconds: the connection keeps the process alive. */
const maxLateMs = 5000;

/**
 * Continues to read after an answer that is complete and has no usage. No caller waits for this: the metadata
 * contains a promise of the usage.
 */
export function readLateUsage(reader: EventReader, { metadata }: ResponseState): void {
  metadata.lateUsage ??= read(reader);
}

/**
 * Whether a connection broke after an answer with its finish reason: of the answer, at most its usage is missing.
 */
export function isAfterAnswer(
  error: unknown,
  { isFinished }: ResponseState,
  signal: AbortSignal,
): boolean {
  return isFinished && !signal.aborted && !ModelError.isInstance(error);
}

async function read(reader: EventReader): Promise<LateUsage | undefined> {
  const state = new ResponseState();
  try {
    while (!state.metadata.usage) {
      const chunks = await reader.readChunks(true, maxLateMs);
      if (!chunks) break;
      for (const chunk of chunks) state.readBody(chunk);
    }
  } catch {
    // The answer is complete: errors after it are ignored.
  }
  const { usage, costSource } = state.metadata;
  void reader.leave(usage !== undefined);
  return usage && { usage, costSource };
}
