import {
  readVariable,
  settingsWarnings,
  variables,
  type Settings,
  type SettingsProblem,
} from "@orchestra/core/gateway";
import {
  isOpenRouter,
  textOfSetting,
  variableMeanings,
  withoutKeyAdvice,
} from "@orchestra/core/extend";
import { runtimeVariables } from "@orchestra/runtime";
import { serverVariables } from "@orchestra/server/settings";
import { defineCheck, ok, skipped, type Result } from "../check.ts";
import { misspeltRoles } from "../../nearest-role.ts";
import type { DoctorContext, FoundSettings } from "../doctor-context.ts";
import { usesPortkey } from "./portkey.ts";
import { skipInvalid } from "./skip-invalid.ts";

const values = defineCheck({
  id: "settings/values",
  title: "Variables",
  needsNetwork: false,
  problems: {
    invalid: {
      severity: "error",
      remedy: "Set the variable to an expected value, or remove it: then its default applies.",
    },
  },
  run: async (context) => {
    const found = await context.settings();
    const problems = found.problems.filter(({ variable }) => variable !== apiKeyVariable);
    const wrong = problems.map((problem): Result<"invalid"> => ({
      problem: "invalid",
      message: describeWrong(problem),
    }));
    const details = describeVariables(context, found);
    return [...wrong, ...ok(describeCount(details.length, wrong.length > 0), details)];
  },
});

function describeCount(count: number, hasProblems: boolean): string {
  if (count === 0) return `All ${hasProblems ? "other " : ""}settings have their defaults.`;
  return count === 1 ? "1 setting is set." : `${count} settings are set.`;
}

function describeWrong({ variable, option, problem, expected, example, source }: SettingsProblem) {
  const [name, shown] =
    source === "code"
      ? [`settings.${option}`, `${option}: ${example}`]
      : [variable, `${variable}=${example}`];
  return `${name} ${problem}. Expected: ${expected}, such as ${shown}`;
}

const apiKeyVariable = "OPENROUTER_API_KEY";

/** A line for each setting that is set, with its value, its source and its meaning. */
function describeVariables(context: DoctorContext, found: FoundSettings): string[] {
  const shown = withoutSecrets(found.settings);
  const wrong = new Set(found.problems.map(({ variable }) => variable));
  const ofModels = (Object.keys(variables) as (keyof Settings)[]).flatMap((option) => {
    const { variable } = variables[option];
    if (wrong.has(variable)) return [];
    const source = sourceOf(context, variable, found.sources[option] === "code");
    return source ? [line(variable, textOfSetting(option, shown[option]), source)] : [];
  });
  const values: Readonly<Record<string, unknown>> = {
    ...withoutSecrets(found.runtime),
    ...withoutSecrets(found.server),
  };
  const ofOthers = [...runtimeVariables, ...serverVariables].flatMap(({ name, option }) => {
    const source = wrong.has(name) ? undefined : sourceOf(context, name, false);
    return source ? [line(name, textOfSetting(option, values[option]), source)] : [];
  });
  return [...ofModels, ...ofOthers];
}

/** Converts settings to plain values by way of their JSON, which contains no secrets and no `Infinity`. */
function withoutSecrets(settings: object): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(settings, withoutInfinity)) as Record<string, unknown>;
}

function withoutInfinity(_: string, value: unknown): unknown {
  return value === Infinity ? "none" : value;
}

function sourceOf(
  { environment, envFile }: DoctorContext,
  variable: string,
  isFromCode: boolean,
): string | undefined {
  if (isFromCode) return "orchestra.config";
  if (readVariable(environment, variable) === undefined) return undefined;
  return envFile?.names.has(variable) ? ".env" : "environment";
}

function line(variable: string, text: string, source: string): string {
  return `${variable} = ${text} (${source}): ${variableMeanings[variable]}`;
}

const apiKey = defineCheck({
  id: "settings/api-key",
  title: "OPENROUTER_API_KEY is set",
  needsNetwork: false,
  problems: {
    missing: {
      severity: "error",
      remedy: `Make a key at https://openrouter.ai/settings/keys and set OPENROUTER_API_KEY, in the environment or in a .env file, which programs read with node --env-file=.env. ${withoutKeyAdvice}`,
    },
    invalid: {
      severity: "error",
      remedy: "Copy the key again, as one line without spaces and quotation marks.",
    },
    placeholder: {
      severity: "error",
      remedy: "Replace it with a key of yours: https://openrouter.ai/settings/keys.",
    },
    "other-service": {
      severity: "warning",
      remedy:
        "Keys of OpenRouter begin with sk-or-. Set OPENROUTER_API_KEY to one of https://openrouter.ai/settings/keys.",
    },
  },
  run: async ({ settings, environment, isOffline }) => {
    const { settings: resolved, problems, sources } = await settings();
    const problem = problems.find(({ variable }) => variable === apiKeyVariable);
    const text = readVariable(environment, apiKeyVariable);
    const key = resolved.openRouterApiKey;
    if (problem && text !== undefined) {
      return [{ problem: "invalid", message: `${apiKeyVariable} ${problem.problem}.` }];
    }
    if (problem && isOffline) return skipped(`${apiKeyVariable} is not set here.`);
    if (problem) return [{ problem: "missing", message: `${apiKeyVariable} is not set.` }];
    if (key === undefined) return ok(`${resolved.baseUrl} needs no key of OpenRouter.`);
    if (/["'`]/.test(key)) {
      const message = `${apiKeyVariable} has a quotation mark in it.`;
      return [{ problem: "invalid", message }];
    }
    if (isPlaceholder(key)) {
      const message = `${apiKeyVariable} is the placeholder of an example.`;
      return [{ problem: "placeholder", message }];
    }
    if (!key.startsWith("sk-or-") && isOpenRouter(resolved.baseUrl)) {
      const message = `${apiKeyVariable} does not look like a key of OpenRouter.`;
      return [{ problem: "other-service", message }];
    }
    const source = sources.openRouterApiKey === "code" ? " by the config" : "";
    return ok(`${apiKeyVariable} is set${source}, with ${key.length} characters.`);
  },
});

function isPlaceholder(key: string): boolean {
  return /your|example|xxxx|placeholder|changeme|\.\.\.|<|>/i.test(key) || key.length < 12;
}

const names = defineCheck({
  id: "settings/names",
  title: "Misspelt variables",
  needsNetwork: false,
  problems: {
    misspelt: {
      severity: "warning",
      remedy: "Rename the variable, or remove it: it has no effect.",
    },
  },
  run: async ({ environment }) => {
    const misspelt = settingsWarnings(environment).map((message) => ({
      problem: "misspelt" as const,
      message,
    }));
    return misspelt.length > 0 ? misspelt : ok("No variable is misspelt.");
  },
});

const roles = defineCheck({
  id: "settings/roles",
  title: "Roles of AGENT_MODEL_MAP and AGENT_REQUEST_MAP",
  needsNetwork: false,
  problems: {
    misspelt: {
      severity: "warning",
      remedy: "Use the name of a role: researcher, validator, executor, or one of your own.",
    },
  },
  run: async ({ settings, agents }) => {
    const found = await settings();
    const invalid = skipInvalid(found, "AGENT_MODEL_MAP", "AGENT_REQUEST_MAP");
    if (invalid) return invalid;
    // The check install/config reports why agents cannot be created.
    const ofAgents = (await agents().catch(() => [])).map(({ role }) => role.name);
    const misspelt = misspeltRoles(found.settings, ofAgents).map((message) => ({
      problem: "misspelt" as const,
      message,
    }));
    return misspelt.length > 0 ? misspelt : ok("No role is misspelt.");
  },
});

const portkeySettings = defineCheck({
  id: "settings/portkey",
  title: "Settings of Portkey",
  needsNetwork: false,
  problems: {
    "no-v1": {
      severity: "error",
      remedy: "End PORTKEY_GATEWAY_URL with /v1, such as http://127.0.0.1:8787/v1.",
    },
    "hosted-only": {
      severity: "error",
      remedy:
        "Name the provider by its slug, such as openai, with its api_key; a self-hosted gateway knows neither catalog names nor virtual keys.",
    },
    unused: {
      severity: "note",
      remedy: "Set PORTKEY_FALLBACKS or PREFERRED_LLM_PROVIDER=portkey to use Portkey.",
    },
  },
  run: async ({ settings }) => {
    const found = await settings();
    const invalid = skipInvalid(found, "PORTKEY_FALLBACKS", "PORTKEY_GATEWAY_URL");
    if (invalid) return invalid;
    const { portkeyApiKey, fallbacks, virtualKey, baseUrl, portkeyGatewayUrl } = found.settings;
    const isUsed = usesPortkey(found.settings);
    // If one server is both, as the sandbox is, the URL of its gateway is not a sign that Portkey was configured.
    const ownGateway = isSameServer(portkeyGatewayUrl, baseUrl) ? undefined : portkeyGatewayUrl;
    if (!isUsed && (portkeyApiKey ?? ownGateway ?? virtualKey) !== undefined) {
      const message = "Portkey is configured, and no request goes through it.";
      return [{ problem: "unused", message }];
    }
    if (!isUsed) return skipped("Portkey is not used.");
    if (portkeyGatewayUrl === undefined) return ok("Portkey's hosted gateway is used.");
    const results: Result<"no-v1" | "hosted-only">[] = [];
    if (!portkeyGatewayUrl.endsWith("/v1")) {
      const message = `PORTKEY_GATEWAY_URL is ${portkeyGatewayUrl}, which does not end with /v1.`;
      results.push({ problem: "no-v1", message });
    }
    for (const { provider, virtual_key, api_key } of fallbacks) {
      const isCatalogName = provider.startsWith("@");
      const vaultKey = virtual_key ?? (api_key ? undefined : virtualKey);
      if (!isCatalogName && vaultKey === undefined) continue;
      const what = isCatalogName ? "a catalog name" : "a virtual key";
      const message = `The fallback ${provider} has ${what}, and the gateway is self-hosted.`;
      results.push({ problem: "hosted-only", message });
    }
    return results.length > 0 ? results : ok(`The gateway is ${portkeyGatewayUrl}.`);
  },
});

function isSameServer(url: string | undefined, other: string): boolean {
  return url !== undefined && new URL(url).origin === new URL(other).origin;
}

export const settingsChecks = [values, apiKey, names, roles, portkeySettings];
