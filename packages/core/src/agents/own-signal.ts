interface WithSignal {
  readonly signal?: AbortSignal | undefined;
  /** Ends with the run that has it. */
  readonly ownSignal?: OwnSignal | undefined;
}

/**
 * A signal for one run of a graph, which aborts with the caller's. LangGraph 1.7 leaves listeners on
 * the signal of every run: they are on this one, and the caller's signal, which may outlive a thousand
 * runs, has one listener of each run that is under way. Disposing ends the connection.
 */
class OwnSignal implements Disposable {
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    if (caller.aborted) this.#abort();
    else caller.addEventListener("abort", this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#caller.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.#controller.abort(this.#caller.reason);
}

/** Runs a graph for its result, under a signal of the run's own. */
export async function withOwnSignal<Config extends WithSignal, Result>(
  config: Config,
  run: (config: Config) => Promise<Result>,
): Promise<Result> {
  if (!config.signal) return run(config);
  using own = new OwnSignal(config.signal);
  return await run({ ...config, signal: own.signal });
}

/** The methods of a LangGraph graph that start a run, and the one that each run of any of them executes. */
interface Graph {
  stream(input: unknown, config?: WithSignal): unknown;
  streamEvents(input: unknown, config: WithSignal, options?: unknown): unknown;
  _streamIterator(input: unknown, config?: WithSignal): AsyncGenerator;
}

/** Lets all runs of a graph have signals of their own, those of `invoke` too, which streams. */
export function giveOwnSignals(graph: Graph): void {
  const stream = graph.stream.bind(graph);
  const streamEvents = graph.streamEvents.bind(graph);
  const iterate = graph._streamIterator.bind(graph);
  graph.stream = (input, config) => stream(input, config && connected(config));
  graph.streamEvents = (input, config, options) => streamEvents(input, connected(config), options);
  // A run continues to its end, also when its stream is not read.
  graph._streamIterator = async function* (input, { ownSignal, ...config } = {}) {
    try {
      yield* iterate(input, config);
    } finally {
      ownSignal?.[Symbol.dispose]();
    }
  };
}

/** Streams of events start a stream: the run has one signal of its own. */
function connected<Config extends WithSignal>(config: Config): Config {
  if (!config.signal || config.ownSignal) return config;
  const ownSignal = new OwnSignal(config.signal);
  return { ...config, signal: ownSignal.signal, ownSignal };
}
