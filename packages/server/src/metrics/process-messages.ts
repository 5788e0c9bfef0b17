/** A metric as prom-client has it in JSON: it is summed up with those of other processes. */
export interface ProcessMetric {
  readonly type: string;
}

const type = "orchestra:metrics";

/** A message between the processes of a server: a request, or the answer to the request with the same `id`. */
export type MetricsMessage = { readonly type: typeof type; readonly id: number } & (
  | { readonly kind: "get-all" | "get-own" }
  | { readonly kind: "own"; readonly metrics: readonly ProcessMetric[] }
  /** Without `text` if the metrics could not be read. */
  | { readonly kind: "all"; readonly text?: string }
);

/** A message without the field that all of them have. */
type MessageBody = MetricsMessage extends infer Message
  ? Message extends MetricsMessage
    ? Omit<Message, "type">
    : never
  : never;

/** The other end of a channel: a worker of the cluster, or this process, whose messages go to the primary process. */
interface Channel {
  send?: ((message: object, done: (error: Error | null) => void) => unknown) | undefined;
}

/** Sends a message. If the other process has ended, the message is dropped without an error. */
export function sendMessage(channel: Channel, body: MessageBody): void {
  channel.send?.({ type, ...body }, () => undefined);
}

/** @returns `undefined` for a message that is not about metrics */
export function readMessage(message: unknown): MetricsMessage | undefined {
  const { type: found } = Object(message) as Partial<MetricsMessage>;
  return found === type ? (message as MetricsMessage) : undefined;
}

/** Requests to other processes that wait for their answers. */
export class PendingRequests<Answer> {
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /**
   * Sends a request and waits for its answer.
   *
   * @returns `undefined` if there is no answer in time
   */
  async request(timeoutMs: number, send: (id: number) => void): Promise<Answer | undefined> {
    const id = (this.#lastId += 1);
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#pending.set(id, resolve);
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    send(id);
    const answer = await promise;
    clearTimeout(timer);
    this.#pending.delete(id);
    return answer;
  }

  /** Passes on the answer to a request. A request that no longer waits is ignored. */
  resolve(id: number, answer: Answer): void {
    this.#pending.get(id)?.(answer);
  }
}
