import { readVariable, type Environment } from "@orchestra/core";

/** The first of the variables that is set; an empty one counts as unset. */
export function valueOf(environment: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => readVariable(environment, name)).find(Boolean);
}
