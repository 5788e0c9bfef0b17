import type { EventListener, OrchestraEvent } from "./events.ts";

/** Hands an event to the listeners of all runs, and to the run's own. */
export type EmitEvent = (event: OrchestraEvent, runListener?: EventListener) => void;

/**
 * Makes the one function by which events are emitted. A listener that throws, or returns a promise that
 * rejects, does not fail the call that it listens to.
 *
 * @param listeners - Called for every event, in this order. The list may change later.
 * @param onFailure - Receives the error of a listener.
 */
export function createEmitEvent(
  listeners: readonly EventListener[],
  onFailure: (error: unknown, event: OrchestraEvent) => void,
): EmitEvent {
  const emitTo = (listener: EventListener, event: OrchestraEvent): void => {
    try {
      const result: unknown = listener(event);
      if (result instanceof Promise) result.catch((error: unknown) => onFailure(error, event));
    } catch (error) {
      onFailure(error, event);
    }
  };
  return (event, runListener) => {
    for (const listener of listeners) emitTo(listener, event);
    if (runListener) emitTo(runListener, event);
  };
}
