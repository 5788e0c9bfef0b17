import { startChild, type ChildServer } from "../servers/child.ts";
import type { Order, RuntimeProcessOptions } from "../servers/runtime.ts";

/** Runtimes on one store, each in a process of its own. */
export interface Processes extends AsyncDisposable {
  readonly all: readonly RuntimeProcess[];
  /** Starts the runs, and says how they went. */
  readonly first: RuntimeProcess;
}

export interface RuntimeProcess {
  readonly obey: <Answer = void>(order: Order) => Promise<Answer>;
}

/** Opens so many, one after the other; none of them works yet. */
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
