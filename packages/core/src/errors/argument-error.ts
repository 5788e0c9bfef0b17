import { bounded } from "./bounded.ts";
import { expected } from "./explain-issue.ts";
import { brand, OrchestraError } from "./orchestra-error.ts";
import { shorten } from "./shorten.ts";
import { startAtCaller } from "./start-at-caller.ts";

/**
 * A function was called with an invalid argument: an option, or the input of a call, an agent or
 * a run. Nothing was sent. The message names the argument and what is expected, and the stack begins in
 * the code of the caller.
 *
 * It is also a `TypeError`, as is usual in JavaScript for arguments of the wrong type.
 */
export class ArgumentError extends TypeError {
  override readonly name = "ArgumentError";
  readonly code = "argument_error";
  readonly [brand] = true;

  constructor(message: string, options?: ErrorOptions) {
    super(bounded(message), options);
    startAtCaller(this);
    shorten(this);
  }

  /** The JSON of the error, because the fields are not enumerable. */
  toJSON(): object {
    const { name, message, code } = this;
    return { name, message, code };
  }

  /**
   * The error for an argument of the wrong type.
   *
   * @param what - The function and the argument, such as `registerSecret(): secret`.
   */
  static of(what: string, input: unknown, shouldBe: string): ArgumentError {
    return new ArgumentError(`${what} ${expected(shouldBe)({ input })}`);
  }

  static isInstance(error: unknown): error is ArgumentError {
    return OrchestraError.isInstance(error) && error.name === "ArgumentError";
  }
}
