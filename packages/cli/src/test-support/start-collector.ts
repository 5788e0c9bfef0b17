import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { expect } from "vitest";

type Value = { stringValue: string } | { intValue: number } | { doubleValue: number } | object;

/** A span in OTLP's JSON form, with its attributes as one object. */
export interface CollectedSpan {
  readonly name: string;
  /** 1: internal, 2: server, 3: client. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** Code 2 is an error. */
  readonly status: { readonly code: number };
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Batch {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}
type Attribute = { readonly key: string; readonly value: Value };
type RawSpan = Omit<CollectedSpan, "attributes"> & { readonly attributes: readonly Attribute[] };

/** A server that receives OTLP over HTTP, and stores the spans. */
export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Path and headers of the last batch. */
  readonly last: { readonly path: string; readonly headers: IncomingMessage["headers"] };
  /** The attributes of the process, such as `service.name`. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** All batches, as text. */
  readonly text: string;
  /** From now on, it accepts batches and does not answer them. */
  hang(): void;
  /** Number of batches without an answer. */
  readonly unanswered: number;
  /** Resolves to the first span for which `test` returns true, when there is one. */
  saw(test: (span: CollectedSpan) => boolean): Promise<CollectedSpan>;
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const state = { last: { path: "", headers: {} }, resource: {}, text: "" };
  let isHanging = false;
  let unanswered = 0;
  const take = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const batch = (await json(incoming)) as Batch;
    state.last = { path: incoming.url ?? "", headers: incoming.headers };
    state.text += JSON.stringify(batch);
    for (const { resource, scopeSpans } of batch.resourceSpans) {
      state.resource = valuesOf(resource.attributes);
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, attributes: valuesOf(span.attributes) });
      }
    }
    if (isHanging) unanswered += 1;
    else outgoing.writeHead(200, { "content-type": "application/json" }).end("{}");
  };
  const server = createServer((...exchange) => void take(...exchange));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    get last() {
      return state.last;
    },
    get resource() {
      return state.resource;
    },
    get text() {
      return state.text;
    },
    hang: () => {
      isHanging = true;
    },
    get unanswered() {
      return unanswered;
    },
    saw: async (test) => {
      await expect.poll(() => spans.some(test)).toBe(true);
      return spans.find(test) as CollectedSpan;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function valuesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: Value): unknown {
  if ("arrayValue" in value) {
    return (value.arrayValue as { readonly values: readonly Value[] }).values.map(plain);
  }
  return Object.values(value)[0];
}
