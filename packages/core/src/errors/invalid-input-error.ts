import { OrchestraError } from "./orchestra-error.ts";

/** An agent was given input that its role's schema does not accept. */
export class InvalidInputError extends OrchestraError {
  override readonly name = "InvalidInputError";
  readonly code = "invalid_input_error";
  /** Name of the role that refused it. */
  readonly role: string;

  constructor(role: string, problem: string, options?: ErrorOptions) {
    super(`The ${role} cannot use its input: ${problem}`, options);
    this.role = role;
  }

  static override isInstance(error: unknown): error is InvalidInputError {
    return OrchestraError.isNamed(error, "InvalidInputError");
  }
}
