import { OrchestraError } from "./orchestra-error.ts";
import { redactedStart } from "./secrets.ts";

const maxArguments = 500;

/** A tool call that is repeated, and its arguments as JSON. */
export interface RepeatedCall {
  readonly tool: string;
  /** JSON without secrets, at most 500 characters. */
  readonly arguments: string;
}

/** An agent repeated the same tool calls with the same results. */
export class NoProgressError extends OrchestraError {
  override readonly name = "NoProgressError";
  readonly code = "no_progress";
  readonly role: string;
  /** The calls that repeat: one, or several that alternate. */
  readonly calls: readonly RepeatedCall[];

  constructor(role: string, repeated: readonly RepeatedCall[], times: number) {
    const calls = repeated.map(({ tool, arguments: args }) => ({
      tool: redactedStart(tool, maxArguments),
      arguments: redactedStart(args, maxArguments),
    }));
    const list = calls.map(({ tool, arguments: args }) => `${tool}(${args})`).join(", then ");
    super(
      `The ${role} makes no progress: ${times} times in a row it called ${list}, with the same result. Change the tool's results or the role's instructions so that the model sees what to do instead`,
    );
    this.role = role;
    this.calls = calls;
  }

  static override isInstance(error: unknown): error is NoProgressError {
    return OrchestraError.isNamed(error, "NoProgressError");
  }
}
