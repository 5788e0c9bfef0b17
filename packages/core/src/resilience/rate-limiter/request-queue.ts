/** The data of a request that the queue needs. */
export interface QueuedRequest {
  /** Higher goes first. */
  readonly priority: number;
  readonly tokens: number;
}

/** Number of requests, and their tokens in total. */
export interface QueueLoad {
  readonly calls: number;
  readonly tokens: number;
}

interface Node<R> {
  readonly request: R;
  previous: Node<R> | undefined;
  next: Node<R> | undefined;
}

/** The requests of one priority, as a linked list in the order of their arrival. */
interface Level<R> {
  readonly priority: number;
  first: Node<R> | undefined;
  last: Node<R> | undefined;
  calls: number;
  tokens: number;
}

/**
 * Requests that wait, by priority and then by arrival. Finding the first and removing any takes
 * constant time; adding one takes time in proportion to the number of different priorities, of which
 * there are few.
 */
export class RequestQueue<R extends QueuedRequest> {
  /** Priorities that have requests, highest first. */
  readonly #levels: Level<R>[] = [];
  readonly #nodes = new Map<R, Node<R>>();

  get size(): number {
    return this.#nodes.size;
  }

  get first(): R | undefined {
    return this.#levels[0]?.first?.request;
  }

  has(request: R): boolean {
    return this.#nodes.has(request);
  }

  add(request: R): void {
    const level = this.#levelFor(request.priority);
    const node: Node<R> = { request, previous: level.last, next: undefined };
    if (level.last) level.last.next = node;
    else level.first = node;
    level.last = node;
    level.calls += 1;
    level.tokens += request.tokens;
    this.#nodes.set(request, node);
  }

  remove(request: R): void {
    const node = this.#nodes.get(request);
    const index = this.#levels.findIndex(({ priority }) => priority === request.priority);
    const level = this.#levels[index];
    if (!node || !level) return;
    if (node.previous) node.previous.next = node.next;
    else level.first = node.next;
    if (node.next) node.next.previous = node.previous;
    else level.last = node.previous;
    level.calls -= 1;
    level.tokens -= request.tokens;
    this.#nodes.delete(request);
    if (level.calls === 0) this.#levels.splice(index, 1);
  }

  /**
   * The load of all requests with at least this priority: those that go before a new request of it.
   *
   * @defaultValue the load of the whole queue
   */
  load(minPriority: number = -Infinity): QueueLoad {
    let calls = 0;
    let tokens = 0;
    for (const level of this.#levels) {
      if (level.priority < minPriority) break;
      calls += level.calls;
      tokens += level.tokens;
    }
    return { calls, tokens };
  }

  /** The requests in their order. */
  toArray(): R[] {
    const requests: R[] = [];
    for (const { first } of this.#levels) {
      for (let node = first; node; node = node.next) requests.push(node.request);
    }
    return requests;
  }

  #levelFor(priority: number): Level<R> {
    const index = this.#levels.findIndex((other) => other.priority <= priority);
    const found = this.#levels[index];
    if (found?.priority === priority) return found;
    const added: Level<R> = { priority, first: undefined, last: undefined, calls: 0, tokens: 0 };
    this.#levels.splice(index < 0 ? this.#levels.length : index, 0, added);
    return added;
  }
}
