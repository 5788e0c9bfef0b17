interface WithSignal {
  readonly signal?: AbortSignal | undefined;
  /** Is no longer used when its run ends. */
  readonly ownSignal?: OwnSignal | undefined;
}

/**
 * A signal for one run of a graph, which aborts with the caller's. LangGraph 1.7 does not remove its listeners from
 * the signal of a run. With this signal, they are not on the caller's signal, which may be used by thousands of
 * runs and has one listener of each active run. Disposing removes that listener.
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

/** Runs a graph for its result, with a signal for this run only. */
export async function withOwnSignal<Config extends WithSignal, Result>(
  config: Config,
  run: (config: Config) => Promise<Result>,
): Promise<Result> {
  if (!config.signal) return run(config);
  using own = new OwnSignal(config.signal);
  return await run({ ...config, signal: own.signal });
}

/** The methods of a LangGraph graph that start a run, and the method that all of them call. */
interface Graph {
  stream(input: unknown, config?: WithSignal): unknown;
  streamEvents(input: unknown, config: WithSignal, options?: unknown): unknown;
  _streamIterator(input: unknown, config?: WithSignal): AsyncGenerator;
}

/** Gives each run of a graph its own signal, also those of `invoke`, which streams. */
export function giveOwnSignals(graph: Graph): void {
  const stream = graph.stream.bind(graph);
  const streamEvents = graph.streamEvents.bind(graph);
  const iterate = graph._streamIterator.bind(graph);
  graph.stream = (input, config) => stream(input, config && connected(config));
  graph.streamEvents = (input, config, options) => streamEvents(input, connected(config), options);
  // A run continues to its end, even if its stream is not read.
  graph._streamIterator = async function* (input, { ownSignal, ...config } = {}) {
    try {
      yield* iterate(input, config);
    } finally {
      ownSignal?.[Symbol.dispose]();
    }
  };
}

/** A stream of events starts a stream: the run has one signal. */
function connected<Config extends WithSignal>(config: Config): Config {
  if (!config.signal || config.ownSignal) return config;
  const ownSignal = new OwnSignal(config.signal);
  return { ...config, signal: ownSignal.signal, ownSignal };
}
