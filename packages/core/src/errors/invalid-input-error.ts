import { quoted } from "./bounded.ts";
import { OrchestraError } from "./orchestra-error.ts";

/** An agent was given input that its role's schema does not accept, or another function what it cannot use. */
export class InvalidInputError extends OrchestraError {
  override readonly name = "InvalidInputError";
  readonly code = "invalid_input_error";
  /** Name of the role that refused it. */
  readonly role: string;

  /** @param where - What was called, where it is not the agent of the role. */
  constructor(
    role: string,
    problem: string,
    { where = `The agent ${quoted(role)}`, ...options }: ErrorOptions & { where?: string } = {},
  ) {
    super(`${where} cannot use its input: ${problem}`, options);
    this.role = role;
  }

  static override isInstance(error: unknown): error is InvalidInputError {
    return OrchestraError.isNamed(error, "InvalidInputError");
  }
}
