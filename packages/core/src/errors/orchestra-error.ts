import type { ErrorKind } from "./error-kinds.ts";

import { bounded } from "./bounded.ts";

/** Every `code` that an error of this package carries. */
export type ErrorCode =
  | ErrorKind
  | "settings_error"
  | "documents_error"
  | "artifact_error"
  | "mcp_error"
  | "argument_error"
  | "findings_rejected"
  | "no_progress"
  | "replay_miss"
  | "thrown_value"
  | "stream_interrupted";

/** Marks the errors of Orchestra's packages. */
export const brand: unique symbol = Symbol.for("orchestra.error");

/**
 * The base class of all errors that Orchestra's packages throw.
 *
 * Recognized by a brand instead of `instanceof`, so that two copies of the package in one
 * process recognize each other's errors.
 */
export abstract class OrchestraError extends Error {
  abstract override readonly name: string;
  /** One of {@link ErrorCode}; packages built on this one add their own. */
  abstract readonly code: string;

  readonly [brand] = true;

  /** @param message - Cut off if it is too long for a log. */
  constructor(message: string, options?: ErrorOptions) {
    super(bounded(message), options);
  }

  /** `instanceof OrchestraError` recognizes all of them; some extend another class of JavaScript too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === OrchestraError
      ? OrchestraError.isInstance(value)
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  static isInstance(error: unknown): error is OrchestraError {
    return typeof error === "object" && error !== null && brand in error;
  }

  /** True for errors of the class with this `name`, whichever copy of the package made them. */
  protected static isNamed(error: unknown, name: string): boolean {
    return OrchestraError.isInstance(error) && error.name === name;
  }
}
