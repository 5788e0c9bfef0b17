import { OrchestraError } from "./orchestra-error.ts";

/** One setting that is missing or not valid. Never contains the value of a secret. */
export interface SettingsProblem {
  /** Environment variable, such as `LLM_RETRY_DELAY`. */
  readonly variable: string;
  /** The same setting as an option in code, such as `retryDelayMs`. */
  readonly option: string;
  /** What is wrong, as the sentence after the variable's name: `is not a number`. */
  readonly problem: string;
  /** What is valid. */
  readonly expected: string;
  readonly example: string;
}

/** Settings that cannot be used; carries every problem, not only the first. */
export class SettingsError extends OrchestraError {
  override readonly name = "SettingsError";
  readonly code = "settings_error";
  readonly problems: readonly SettingsProblem[];

  constructor(problems: readonly SettingsProblem[]) {
    super(problems.map(describe).join("\n"));
    this.problems = problems;
  }

  static override isInstance(error: unknown): error is SettingsError {
    return OrchestraError.isNamed(error, "SettingsError");
  }
}

function describe({ variable, option, problem, expected, example }: SettingsProblem): string {
  return `${variable} ${problem} (option ${option}): expected ${expected}. Example: ${variable}=${example}`;
}
