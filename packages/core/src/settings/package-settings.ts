import type { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { nearestName, shown, unknownFields } from "../errors/explain-issue.ts";
import { SettingsError, type SettingsProblem } from "../errors/settings-error.ts";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { exampleInCode, inCode } from "./in-code.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { text, type Reader } from "./readers.ts";
import { settingMeantBy } from "./setting-meant.ts";
import { variables as modelVariables } from "./variables.ts";

/** A setting of a package that builds on core. */
export interface PackageVariable<Name extends string = string, Option extends string = string> {
  readonly name: Name;
  readonly option: Option;
  /** Turns the text of the environment into a value for the schema. @defaultValue the text as it is */
  readonly read?: Reader;
  /** Checks the value, whether it was read from the environment or given in code. Has the default. */
  readonly schema: z.ZodType;
  readonly expected: string;
  /** The same in code, where it is not the same words: ranges of seconds are ranges of milliseconds there. */
  readonly expectedInCode?: string;
  readonly example: string;
  /** Whether a value may be or contain a secret: errors and logs do not show it. */
  readonly isSecret?: true;
}

/**
 * Reads the settings of a package. An option has precedence over its variable; an empty variable counts as unset,
 * and quotes around a value are removed.
 *
 * @param where - The owner of the settings, for the errors.
 * @throws {SettingsError} with every problem at once
 * @throws {ArgumentError} for an option that does not exist
 */
export function resolvePackageSettings<Settings extends object>(
  where: string,
  variables: readonly PackageVariable<string, keyof Settings & string>[],
  options: { readonly [Option in keyof Settings]?: Settings[Option] | undefined },
  environment: Environment,
): Settings {
  if (typeof where !== "string") {
    throw ArgumentError.of("resolvePackageSettings(): where", where, "whose settings they are");
  }
  checkNames(where, variables, options);
  const problems: SettingsProblem[] = [];
  const entries = variables.map((variable) => {
    const { name, option, schema } = variable;
    const ofCode: unknown = options[option];
    const written = ofCode === undefined ? readVariable(environment, name) : undefined;
    const parsed = schema.safeParse(written === undefined ? ofCode : valueOf(variable, written));
    if (!parsed.success) {
      const source = ofCode === undefined ? "environment" : "code";
      problems.push(describe(variable, written ?? ofCode, source));
    }
    return [option, parsed.data];
  });
  if (problems.length > 0) throw new SettingsError(problems);
  const secret = variables.filter(({ isSecret }) => isSecret).map(({ option }) => option);
  return hideSecrets(Object.fromEntries(entries) as Settings, secret);
}

/** The value of a variable. A text that cannot be read stays a text, which the schema refuses. */
function valueOf({ read = text }: PackageVariable, written: string): unknown {
  try {
    return read(written);
  } catch {
    return written;
  }
}

function describe(
  { name, option, read = text, expected, expectedInCode, example, isSecret }: PackageVariable,
  given: unknown,
  source: "code" | "environment",
): SettingsProblem {
  const value = typeof given === "string" ? JSON.stringify(given) : shown(given);
  const problem = isSecret ? "is not valid" : `is ${value}`;
  const found = { variable: name, option, problem, source };
  if (source === "environment") return { ...found, expected, example };
  return {
    ...found,
    expected: expectedInCode ?? inCode(expected),
    example: exampleInCode({ read, example }),
  };
}

function checkNames(where: string, variables: readonly PackageVariable[], options: object): void {
  checkInput(object, options, where, "settings");
  const known = variables.map(({ option }) => option);
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const fields = unknownFields(unknown, (name) => optionMeantBy(name, known));
  throw new ArgumentError(`${where}: settings ${fields}`);
}

/** The setting of the package or of the models that an unknown name was probably meant to be. */
function optionMeantBy(name: string, known: readonly string[]): string | undefined {
  const ofPackage = Object.hasOwn(modelVariables, name) ? undefined : nearestName(name, known);
  if (ofPackage !== undefined) return ofPackage;
  const ofModels = settingMeantBy(name);
  return ofModels && `orchestra.settings.${ofModels}`;
}
