import { ArgumentError } from "../errors/index.ts";

/**
 * The value of a setting as its variable has it: durations in seconds, lists separated by commas.
 *
 * @param option - Name of the setting in code.
 * @throws {ArgumentError} for an option that is not a text
 */
export function textOfSetting(option: string, value: unknown): string {
  if (typeof option !== "string") {
    throw ArgumentError.of("textOfSetting(): option", option, "the name of a setting");
  }
  // Durations are milliseconds in code and seconds in the environment.
  if (option.endsWith("Ms") && typeof value === "number") return String(value / 1000);
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) {
    return value.join(",");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
