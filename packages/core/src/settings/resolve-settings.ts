import { ArgumentError } from "../errors/argument-error.ts";
import { describeIssues, parseWith } from "../errors/describe-issue.ts";
import { unknownFields } from "../errors/explain-issue.ts";
import { messageOf } from "../errors/message-of.ts";
import { redactKeys } from "../errors/secrets.ts";
import { describeProblem, SettingsError, type SettingsProblem } from "../errors/settings-error.ts";
import { checkInput } from "../input/check-input.ts";
import { object } from "../input/schemas.ts";
import { contradictions } from "./contradictions.ts";
import { exampleInCode, inCode } from "./in-code.ts";
import { hideSecrets, secretsHider } from "./hide-secrets.ts";
import { readVariable, type Environment } from "./read-variable.ts";
import { settingMeantBy } from "./setting-meant.ts";
import { misspeltAs } from "./settings-warnings.ts";
import type { Settings, SettingsOptions } from "./settings.ts";
import type { Variable } from "./variable.ts";
import { variables } from "./variables.ts";

type Name = keyof Settings;

/** The problem of the names of the settings in code; `undefined` if there is none. */
function wrongNames(options: object): string | undefined {
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(variables, name));
  if (unknown.length === 0) return undefined;
  return `Settings in code: settings ${unknownFields(unknown, settingMeantBy)}`;
}

/** The source of a setting's value: an option in code, its variable, or the default. */
export type SettingSource = "code" | "environment" | "default";

/** Settings as far as they can be resolved, with everything that is wrong with them. */
export interface InspectedSettings {
  /** An invalid setting has its default. */
  readonly settings: Settings;
  readonly sources: Readonly<Record<keyof Settings, SettingSource>>;
  /** Empty if the settings are valid. */
  readonly problems: readonly SettingsProblem[];
}

/**
 * Resolves every setting once: an option in code has precedence over its environment variable, and the
 * variable over the default. An empty variable counts as unset; quotes around a value are removed.
 *
 * @param options - Settings given in code.
 * @param environment - @defaultValue `process.env`
 * @returns the settings, whose secrets `console.log` and `JSON.stringify` do not show. `console.log` does
 * not show those of a copy (`{ ...settings }`) either; `JSON.stringify` does
 * @throws {SettingsError} with every problem at once
 * @throws {ArgumentError} for an option that does not exist
 */
export function resolveSettings(
  options?: SettingsOptions,
  environment: Environment = process.env,
): Settings {
  const { settings, problems } = inspectSettings(options, environment);
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

/**
 * Resolves every setting like {@link resolveSettings}, and returns the problems instead of throwing
 * them: for programs that explain a configuration.
 *
 * @param options - Settings given in code.
 * @param environment - @defaultValue `process.env`
 * @throws {ArgumentError} for an option that does not exist
 */
export function inspectSettings(
  options: SettingsOptions = {},
  environment: Environment = process.env,
): InspectedSettings {
  checkInput(object, options, "Settings in code", "settings");
  checkInput(object, environment, "Settings", "environment");
  const problems: SettingsProblem[] = [];
  const invalid = new Set<Name>();
  const sources = {} as Record<Name, SettingSource>;
  const values = Object.fromEntries(
    (Object.keys(variables) as Name[]).map((name) => {
      const variable: Variable<unknown> = variables[name];
      const report = (problem: string) => {
        invalid.add(name);
        problems.push(describe(name, problem, sources[name]));
      };
      const text = readVariable(environment, variable.variable);
      sources[name] = sourceOf(options[name], text);
      return [name, resolve(variable, options[name], text, report)];
    }),
  ) as unknown as Settings;

  const isValid = (...names: readonly Name[]) => names.every((name) => !invalid.has(name));
  const isInCode = (...names: readonly Name[]) => names.some((name) => sources[name] === "code");
  for (const { option, problem, source, remedy } of contradictions(values, isValid, isInCode)) {
    const described = describe(option, problem, source ?? "environment");
    const advice = renameAdvice(variables[option].variable, environment) ?? remedy;
    problems.push(advice === undefined ? described : { ...described, remedy: advice });
  }
  const names = wrongNames(options);
  if (names !== undefined) {
    throw new ArgumentError([names, ...problems.map(describeProblem)].join("\n"));
  }
  return { settings: withHiddenSecrets(values), sources, problems };
}

/** For a variable that is set, but under another name. */
function renameAdvice(variable: string, environment: Environment): string | undefined {
  if (readVariable(environment, variable) !== undefined) return undefined;
  const other = misspeltAs(variable, environment);
  return other && `Rename ${other}, which is set and has no effect.`;
}

function sourceOf(option: unknown, text: string | undefined): SettingSource {
  if (option !== undefined) return "code";
  return text === undefined ? "default" : "environment";
}

const hideKeys = secretsHider([
  "openRouterApiKey",
  "portkeyApiKey",
  "virtualKey",
] satisfies (keyof Settings)[]);

/** Settings may be logged directly, inside of other objects, and as copies. */
function withHiddenSecrets({ headers, fallbacks, ...others }: Settings): Settings {
  const settings = {
    ...others,
    headers: hideSecrets({ ...headers }, Object.keys(headers)),
    fallbacks: fallbacks.map((entry) => hideSecrets({ ...entry }, ["api_key", "virtual_key"])),
  };
  return hideKeys(settings);
}

function resolve(
  { read, schema, defaultValue }: Variable<unknown>,
  option: unknown,
  text: string | undefined,
  report: (problem: string) => void,
): unknown {
  let value = option;
  if (option === undefined) {
    if (text === undefined) return defaultValue;
    try {
      value = read(text);
    } catch (error) {
      report(messageOf(error));
      return defaultValue;
    }
  }
  const parsed = parseWith(schema, value);
  if (parsed.success) return parsed.data;
  report(describeIssues(parsed.error));
  return defaultValue;
}

/** Problems name keys of JSON objects, and such a key may be a secret. */
function describe(option: Name, found: string, source: SettingSource): SettingsProblem {
  const { variable, expected, example } = variables[option];
  const problem = redactKeys(found);
  if (source !== "code") return { variable, option, problem, expected, example };
  return {
    variable,
    option,
    problem: inCode(problem),
    expected: inCode(expected),
    example: exampleInCode(variables[option]),
    source,
  };
}
