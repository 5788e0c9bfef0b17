import { SettingsError, type SettingsProblem } from "../errors/settings-error.ts";
import type { z } from "zod";
import { redactKeys } from "./redact.ts";
import { isOpenRouter } from "./is-openrouter.ts";
import type { Settings, SettingsOptions } from "./settings.ts";
import { variables, type Variable } from "./variables.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

type Name = keyof Settings;

/**
 * Every setting, resolved once: an option given in code wins over its environment variable, and
 * that over the default. An empty variable counts as unset.
 *
 * @param options - Settings given in code.
 * @param environment - @defaultValue `process.env`
 * @throws {SettingsError} with every problem at once
 */
export function resolveSettings(
  options: SettingsOptions = {},
  environment: Environment = process.env,
): Settings {
  const problems: SettingsProblem[] = [];
  const wrong = new Set<Name>();
  const values = Object.fromEntries(
    (Object.keys(variables) as Name[]).map((name) => {
      const variable = variables[name] as Variable<unknown>;
      const report = (problem: string) => {
        wrong.add(name);
        problems.push(describe(name, problem));
      };
      return [name, resolve(variable, options[name], environment[variable.variable], report)];
    }),
  ) as unknown as Settings;

  problems.push(...contradictions(values, wrong));
  if (problems.length > 0) throw new SettingsError(problems);
  return values;
}

function resolve(
  { read, schema, defaultValue }: Variable<unknown>,
  option: unknown,
  environmentText: string | undefined,
  report: (problem: string) => void,
): unknown {
  const raw = environmentText?.trim();
  if (option === undefined && (raw === undefined || raw === "")) return defaultValue;
  let value = option;
  if (option === undefined) {
    try {
      value = read(raw ?? "");
    } catch (error) {
      report(error instanceof Error ? error.message : String(error));
      return defaultValue;
    }
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  report([...new Set(parsed.error.issues.map(describeIssue))].join("; "));
  return defaultValue;
}

/** Says where inside the value, and what; never the value itself, which may be a secret. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path
    .map((part) => (typeof part === "number" ? `entry ${part + 1}` : `"${String(part)}"`))
    .join(", ");
  const what =
    issue.code === "unrecognized_keys"
      ? `has fields that mean nothing here: ${issue.keys.join(", ")}`
      : issue.message;
  return where === "" ? what : `${where} ${what}`;
}

/** What is right by itself but wrong together; says nothing of settings that are wrong already. */
function contradictions(settings: Settings, wrong: ReadonlySet<Name>): SettingsProblem[] {
  const areSound = (...names: Name[]) => names.every((name) => !wrong.has(name));
  const problems: SettingsProblem[] = [];
  if (
    areSound("retryDelayMs", "retryMaxDelayMs") &&
    settings.retryMaxDelayMs < settings.retryDelayMs
  ) {
    const [most, first] = [settings.retryMaxDelayMs / 1000, settings.retryDelayMs / 1000];
    problems.push(
      describe("retryMaxDelayMs", `is ${most}, which is less than LLM_RETRY_DELAY, ${first}`),
    );
  }
  const isDirect = settings.preferredProvider === "openrouter";
  if (
    areSound("openRouterApiKey", "preferredProvider", "baseUrl") &&
    !settings.openRouterApiKey &&
    isDirect &&
    isOpenRouter(settings.baseUrl)
  ) {
    problems.push(
      describe("openRouterApiKey", "is not set, and OpenRouter answers no one without a key"),
    );
  }
  const usesPortkey = !isDirect || settings.fallbacks.length > 0;
  if (
    areSound("portkeyApiKey", "portkeyGatewayUrl") &&
    usesPortkey &&
    !settings.portkeyApiKey &&
    !settings.portkeyGatewayUrl
  ) {
    const why = isDirect ? "PORTKEY_FALLBACKS is set" : "PREFERRED_LLM_PROVIDER is portkey";
    problems.push(
      describe(
        "portkeyApiKey",
        `is not set, but ${why}, and neither is PORTKEY_GATEWAY_URL, for a gateway of your own`,
      ),
    );
  }
  return problems;
}

/** Names are repeated, and in a mistaken value a key can stand where a name belongs. */
function describe(option: Name, problem: string): SettingsProblem {
  const { variable, expected, example } = variables[option];
  return { variable, option, problem: redactKeys(problem), expected, example };
}
