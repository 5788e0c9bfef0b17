import { variables, type Variable } from "@orchestra/core";
import {
  settingsSections,
  textOfSetting,
  type PackageVariable,
  type VariableDocs,
} from "@orchestra/core/extend";
import { runtimeVariables } from "@orchestra/runtime";
import { serverVariables } from "@orchestra/server/settings";

/** One setting, as the page shows it. */
export interface DocumentedSetting extends VariableDocs {
  /** Name in the environment. */
  readonly variable: string;
  /** Name in code. */
  readonly option: string;
  readonly expected: string;
  readonly example: string;
  /** The default as text of the environment; `undefined` where there is none. */
  readonly defaultText: string | undefined;
}

type Definition = Omit<DocumentedSetting, keyof VariableDocs>;

const definitions = new Map<string, Definition>(
  [
    ...Object.entries<Variable<unknown>>(variables).map(ofModels),
    ...[...runtimeVariables, ...serverVariables].map(ofPackage),
  ].map((definition) => [definition.variable, definition]),
);

/**
 * The settings of one section, in the order of the page.
 *
 * @throws {Error} for a section that there is not
 */
export function settingsOf(title: string): DocumentedSetting[] {
  const section = settingsSections.find((section) => section.title === title);
  if (!section) throw new Error(`There is no section of settings with the title "${title}".`);
  return Object.entries(section.variables).map(([variable, docs]) => {
    const definition = definitions.get(variable);
    if (!definition) throw new Error(`${variable} is described, but is not a setting.`);
    return { ...definition, ...docs };
  });
}

function ofModels([option, setting]: [string, Variable<unknown>]): Definition {
  const { variable, expected, example, defaultValue } = setting;
  return { variable, option, expected, example, defaultText: defaultText(option, defaultValue) };
}

function ofPackage({ name, option, schema, expected, example }: PackageVariable): Definition {
  return {
    variable: name,
    option,
    expected,
    example,
    defaultText: defaultText(option, schema.parse(undefined)),
  };
}

/** `undefined` for a default that is nothing: an empty list or object. */
function defaultText(option: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === "object" && Object.keys(value ?? {}).length === 0)) {
    return undefined;
  }
  return textOfSetting(option, value);
}
