import { ArgumentError } from "./argument-error.ts";
import { startAtCaller } from "./start-at-caller.ts";

/**
 * The same result. The stack of an `ArgumentError` begins at the code that awaits it, because LangChain's queues and
 * generators lose the caller.
 */
export async function atCaller<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (ArgumentError.isInstance(error)) startAtCaller(error);
    throw error;
  }
}
