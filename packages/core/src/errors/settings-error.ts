import { OrchestraError } from "./orchestra-error.ts";
import { shorten } from "./shorten.ts";
import { startAtCaller } from "./start-at-caller.ts";

/** A setting that is missing or invalid. Never contains the value of a secret. */
export interface SettingsProblem {
  /** Environment variable, such as `LLM_RETRY_DELAY`. */
  readonly variable: string;
  /** The same setting as an option in code, such as `retryDelayMs`. */
  readonly option: string;
  /** What is wrong, as the sentence after the variable's name: `is not a number`. */
  readonly problem: string;
  /** What is expected, in the unit of the source: seconds in a variable, milliseconds in code. */
  readonly expected: string;
  /** A valid value, in the form of the source. */
  readonly example: string;
  /** Another solution, as a whole sentence. */
  readonly remedy?: string;
  /** Source of the value. @defaultValue `"environment"` */
  readonly source?: "code" | "environment";
}

/** Invalid settings; contains every problem, not only the first. */
export class SettingsError extends OrchestraError {
  override readonly name = "SettingsError";
  readonly code = "settings_error";
  readonly problems: readonly SettingsProblem[];

  constructor(problems: readonly SettingsProblem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.problems = problems;
    startAtCaller(this);
    // The message has all problems.
    shorten(this);
  }

  /** The JSON of the error, because the fields are not enumerable. */
  toJSON(): object {
    const { name, message, code, problems } = this;
    return { name, message, code, problems };
  }

  static override isInstance(error: unknown): error is SettingsError {
    return OrchestraError.isNamed(error, "SettingsError");
  }
}

/** A problem in one line, with the name of the setting in its source. */
export function describeProblem(found: SettingsProblem): string {
  const { variable, option, problem, expected, example, remedy } = found;
  const text =
    found.source === "code"
      ? `settings.${option} ${problem} (variable ${variable}): expected ${expected}. Example: ${option}: ${example}`
      : `${variable} ${problem} (option ${option}): expected ${expected}. Example: ${variable}=${example}`;
  return remedy === undefined ? text : `${text}. ${remedy}`;
}
