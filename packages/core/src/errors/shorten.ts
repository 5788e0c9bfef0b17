/**
 * Lets Node.js print less of an uncaught error, which it does not ask how it is printed: every enumerable
 * field is hidden, and can still be read.
 *
 * @param stack - What is printed in place of the error's own stack.
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
    // One that is frozen is printed in full.
  }
}
