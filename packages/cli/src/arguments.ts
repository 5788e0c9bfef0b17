import { InvalidArgumentError } from "commander";

/** Names separated by commas; the option may be repeated. */
export function list(value: string, before: readonly string[] = []): readonly string[] {
  const names = value
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("It takes names, separated by commas.");
  return [...before, ...names];
}
