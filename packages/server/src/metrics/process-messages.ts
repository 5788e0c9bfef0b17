/** A metric as prom-client has it in JSON: it is summed up with those of other processes. */
export interface ProcessMetric {
  readonly type: string;
}

const type = "orchestra:metrics";

/** What the processes of a server say to each other. `of` names the question that an answer is for. */
export type MetricsMessage = { readonly type: typeof type; readonly of: number } & (
  | { readonly kind: "get-all" | "get-own" }
  | { readonly kind: "own"; readonly metrics: readonly ProcessMetric[] }
  /** Without its text where the metrics could not be read. */
  | { readonly kind: "all"; readonly text?: string }
);

/** A message without what all of them have. */
type MessageBody = MetricsMessage extends infer Message
  ? Message extends MetricsMessage
    ? Omit<Message, "type">
    : never
  : never;

/** The other end of a channel: a process of the cluster, or this one for what it says to the primary process. */
interface Channel {
  send?: ((message: object, done: (error: Error | null) => void) => unknown) | undefined;
}

/** Says something to a process. One that has ended does not hear it, which is no error. */
export function say(channel: Channel, body: MessageBody): void {
  channel.send?.({ type, ...body }, () => undefined);
}

/** @returns `undefined` for a message of others */
export function readMessage(message: unknown): MetricsMessage | undefined {
  const { type: of } = Object(message) as Partial<MetricsMessage>;
  return of === type ? (message as MetricsMessage) : undefined;
}

/** Questions that wait for their answers. */
export class Questions<Answer> {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #last = 0;

  /** @returns the answer; `undefined` where none comes in time */
  async ask(timeoutMs: number, say: (of: number) => void): Promise<Answer | undefined> {
    const of = (this.#last += 1);
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    this.#waiting.set(of, resolve);
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    say(of);
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(of);
    return answer;
  }

  answer(of: number, answer: Answer): void {
    this.#waiting.get(of)?.(answer);
  }
}
