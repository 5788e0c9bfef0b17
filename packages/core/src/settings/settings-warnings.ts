import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { isOwnName, knownVariables, variableMeantBy } from "./variable-meant.ts";

const known: ReadonlySet<string> = new Set(knownVariables);

/**
 * One warning for each variable that is set, looks like one of Orchestra's and is not known: most
 * likely it is misspelt and has no effect. Values are not shown.
 */
export function settingsWarnings(environment: Environment = process.env): string[] {
  checkInput(object, environment, "settingsWarnings()", "environment");
  return unknownVariables(environment).flatMap((name) => {
    const meant = variableMeantBy(name, environment);
    if (meant === undefined && !isOwnName(name)) return [];
    const question = meant === undefined ? "" : ` Did you mean ${meant}?`;
    return [`${name} is not a known variable and has no effect.${question}`];
  });
}

/** A variable that is set and most likely means this one, which is not. */
export function misspeltAs(variable: string, environment: Environment): string | undefined {
  return unknownVariables(environment).find(
    (name) => variableMeantBy(name, environment) === variable,
  );
}

function unknownVariables(environment: Environment): string[] {
  return Object.keys(environment).filter(
    (name) => !known.has(name) && readVariable(environment, name) !== undefined,
  );
}
