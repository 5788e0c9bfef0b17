import { startChild, type ChildServer } from "../servers/child.ts";
import type { Order, RuntimeProcessOptions } from "../servers/runtime.ts";

/** Runtimes on one store, each in a separate process. */
export interface Processes extends AsyncDisposable {
  readonly all: readonly RuntimeProcess[];
  /** Starts the runs, and reports their results. */
  readonly first: RuntimeProcess;
}

export interface RuntimeProcess {
  readonly obey: <Answer = void>(order: Order) => Promise<Answer>;
}

/** Opens this number of runtimes, one after the other. They do not execute runs yet. */
export async function openProcesses(
  count: number,
  options: RuntimeProcessOptions,
): Promise<Processes> {
  await using opening = new AsyncDisposableStack();
  const first = processOf(opening.use(await startChild("runtime.ts", options)));
  const all = [first];
  while (all.length < count) {
    all.push(processOf(opening.use(await startChild("runtime.ts", options))));
  }
  const open = opening.move();
  return { all, first, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

function processOf(server: ChildServer<unknown>): RuntimeProcess {
  return { obey: (order) => server.ask(order) };
}
