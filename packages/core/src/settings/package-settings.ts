import type { z } from "zod";
import { ArgumentError } from "../errors/argument-error.ts";
import { nearestName, shown, unknownFields } from "../errors/explain-issue.ts";
import { SettingsError, type SettingsProblem } from "../errors/settings-error.ts";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { inCode } from "./in-code.ts";
import { hideSecrets } from "./hide-secrets.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { settingMeantBy } from "./setting-meant.ts";
import { variables as modelVariables } from "./variables.ts";

/** A setting of a package that builds on core. */
export interface PackageVariable<Name extends string = string, Option extends string = string> {
  readonly name: Name;
  readonly option: Option;
  readonly schema: z.ZodType;
  readonly expected: string;
  readonly example: string;
  /** The same in code, for a variable in seconds: its option is in milliseconds. */
  readonly inMs?: { readonly expected: string; readonly example: string };
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
    const { name, option, schema, inMs } = variable;
    const ofCode: unknown = options[option];
    const given = ofCode ?? readVariable(environment, name);
    const parsed = schema.safeParse(inMs && typeof ofCode === "number" ? ofCode / 1000 : given);
    if (!parsed.success) {
      problems.push(describe(variable, given, ofCode === undefined ? "environment" : "code"));
    }
    return [option, inMs ? Math.round(Number(parsed.data) * 1000) : parsed.data];
  });
  if (problems.length > 0) throw new SettingsError(problems);
  const secret = variables.filter(({ isSecret }) => isSecret).map(({ option }) => option);
  return hideSecrets(Object.fromEntries(entries) as Settings, secret);
}

function describe(
  { name, option, schema, expected, example, inMs, isSecret }: PackageVariable,
  given: unknown,
  source: "code" | "environment",
): SettingsProblem {
  const value = typeof given === "string" ? JSON.stringify(given) : shown(given);
  const problem = isSecret ? "is not valid" : `is ${value}`;
  const found = { variable: name, option, problem, source };
  if (source === "environment") return { ...found, expected, example };
  const ofCode = { expected: inCode(expected), example: JSON.stringify(schema.parse(example)) };
  return { ...found, ...(inMs ?? ofCode) };
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
