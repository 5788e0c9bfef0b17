import type { FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";

/**
 * A fetch whose responses are limited in size: the whole body, or each event in a stream of
 * events, which may take days.
 *
 * @param onTooLarge - Needed because the SDK continues to wait for an answer in a broken stream.
 */
export function boundedFetch(maxBytes: number, onTooLarge: () => void): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { body, headers, status, statusText } = response;
    if (!body) return response;
    const isEvents = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
    const limited = body.pipeThrough(limit(maxBytes, isEvents, onTooLarge));
    return new Response(limited, { headers, status, statusText });
  };
}

function limit(
  maxBytes: number,
  isEvents: boolean,
  onTooLarge: () => void,
): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  let tail = Buffer.alloc(0);
  return new TransformStream({
    transform(chunk, controller) {
      // An event ends with an empty line, which may be split over two chunks.
      const seen = Buffer.concat([tail, chunk]);
      const end = isEvents ? endOfEvents(seen) : -1;
      bytes = end === -1 ? bytes + chunk.length : seen.length - end;
      tail = seen.subarray(-3);
      if (bytes > maxBytes) {
        controller.error(new Error(`A message has more than ${maxBytes} bytes (maxMessageBytes)`));
        onTooLarge();
        return;
      }
      controller.enqueue(chunk);
    },
  });
}

function endOfEvents(bytes: Buffer): number {
  const ends = ["\n\n", "\r\n\r\n", "\r\r"].map((end) => {
    const index = bytes.lastIndexOf(end);
    return index === -1 ? -1 : index + end.length;
  });
  return Math.max(...ends);
}
