import { EventSourceParserStream } from "eventsource-parser/stream";
import type { RunEvent } from "@orchestra/runtime";

/** Follows a run, as a browser's EventSource does. The connection is closed when the reader stops. */
export async function follow(url: string, id: string, lastEventId?: string) {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await fetch(`${url}/runs/${id}/events`, { headers });
  return { response, events: read(response) };
}

async function* read({ body }: Response) {
  if (!body) return;
  const messages = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { id, data } of messages) {
    yield { id, event: JSON.parse(data) as RunEvent };
  }
}

/** The pieces of each answer. */
export function textsOf(events: readonly RunEvent[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type !== "text-delta") continue;
    const key = `${event.callId} ${event.attempt}`;
    texts[key] = (texts[key] ?? "") + event.text;
  }
  return texts;
}
