/**
 * Makes Node.js print less of an uncaught error: every enumerable
 * field is hidden, and can still be read.
 *
 * @param stack - Printed instead of the error's own stack.
 */
export function shorten(error: object, stack?: string): void {
  try {
    if (stack !== undefined) {
      Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
    }
    for (const key of Reflect.ownKeys(error)) {
      Object.defineProperty(error, key, { enumerable: false });
    }
  } catch {
    // A frozen error is printed in full.
  }
}
