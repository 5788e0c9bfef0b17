import { resolve } from "node:path";
import {
  createRedactor,
  inspectSettings,
  readVariable,
  registerSecret,
  SettingsError,
  type Environment,
  type InspectedSettings,
  type SettingsProblem,
} from "@orchestra/core/gateway";
import {
  inspectDatabase,
  resolveRuntimeSettings,
  type DatabaseInspection,
  type RuntimeSettings,
} from "@orchestra/runtime";
import { resolveServerSettings, type ServerSettings } from "@orchestra/server/settings";
import {
  inspectAgents,
  findConfig,
  loadConfig,
  type ConfigAgent,
  type ResolvedConfig,
} from "../config/index.ts";
import type { EnvFile } from "../env-file/env-file.ts";
import type { CommandContext } from "../command-context.ts";
import { once } from "../api/once.ts";
import { ApiClient } from "../api/api-client.ts";
import { rolesOf, type RoleModelId } from "./roles.ts";
import { within } from "./running-time.ts";

/** The config of the folder, or why there is none. */
export type FoundConfig =
  | { readonly file: string; readonly config: ResolvedConfig }
  | { readonly file: string; readonly error: unknown }
  /** It did not load in time. */
  | { readonly file: string; readonly isLate: true }
  /** The folder has no config. */
  | { readonly file?: undefined };

/** The settings that a program in the folder would get. */
export interface FoundSettings extends InspectedSettings {
  readonly runtime: RuntimeSettings;
  readonly server: ServerSettings;
  /** Problems of the settings of the models, of the runtime and of the server. */
  readonly problems: readonly SettingsProblem[];
}

/** What the checks use. Each value is read once, when it is first needed. */
export interface DoctorContext {
  readonly folder: string;
  readonly environment: Environment;
  readonly envFile: EnvFile | undefined;
  /** Whether no requests are sent (`--lint`). */
  readonly isOffline: boolean;
  /** Maximum wait for the answer to one request. */
  readonly requestMs: number;
  readonly configFile: () => Promise<string | undefined>;
  readonly config: () => Promise<FoundConfig>;
  readonly settings: () => Promise<FoundSettings>;
  /** The agents of the config; none if settings are invalid. Rejects with the error of the function `agents`. */
  readonly agents: () => Promise<readonly ConfigAgent[]>;
  /** The known roles, each with its model. */
  readonly roles: () => Promise<readonly RoleModelId[]>;
  /** Reads from the server of `OPENROUTER_BASE_URL`; `undefined` if that variable is invalid. */
  readonly api: () => Promise<ApiClient | undefined>;
  readonly database: () => Promise<DatabaseInspection>;
}

/**
 * Time limit for loading a config: it is the user's code, and may never end. If it takes longer, the settings in it
 * are not known.
 */
const maxConfigMs = 1800;
/** The time for one request, as a part of the time for all checks. */
const requestShare = 0.5;

export function createDoctorContext(
  { folder, environment, envFile }: CommandContext,
  options: {
    readonly isOffline: boolean;
    /** Time for all checks that send requests, in milliseconds. */
    readonly timeMs: number;
  },
): DoctorContext {
  const { isOffline, timeMs } = options;
  const requestMs = Math.round(timeMs * requestShare);
  // Invalid values are registered too: a key with a space in it is still a secret.
  for (const name of secretVariables) registerSecret(readVariable(environment, name));
  const configFile = once(() => findConfig(folder));
  const config = once(async (): Promise<FoundConfig> => {
    const file = await configFile();
    if (file === undefined) return {};
    const loaded = await within(maxConfigMs, load(file, folder, environment));
    return loaded === "late" ? { file, isLate: true } : loaded;
  });
  const settings = once(async () => {
    const found = await config();
    return findSettings("config" in found ? found.config : undefined, environment);
  });
  const agents = once(async () => {
    const found = await config();
    const { settings: models, problems } = await settings();
    if (!("config" in found) || problems.length > 0) return [];
    return inspectAgents(found.config, models, environment);
  });
  const roles = once(async () => {
    const { settings: models } = await settings();
    return rolesOf(models, await agents().catch(() => []));
  });
  const api = once(async () => ApiClient.of(await settings(), requestMs));
  const database = once(async () => {
    const {
      databaseUrl: url,
      home,
      databaseSchema: schema,
      databaseTimeoutMs: timeoutMs,
    } = (await settings()).runtime;
    return inspectDatabase({ url, home: resolve(folder, home), schema, timeoutMs });
  });
  const found = { configFile, config, settings, agents, roles, api, database };
  return { folder, environment, envFile, isOffline, requestMs, ...found };
}

const secretVariables = ["OPENROUTER_API_KEY", "PORTKEY_API_KEY", "VIRTUAL_KEY"];

async function load(file: string, folder: string, environment: Environment): Promise<FoundConfig> {
  try {
    const config = await loadConfig({ folder, path: file });
    // Throws for names of settings that do not exist: the config is not valid.
    findSettings(config, environment);
    return { file, config };
  } catch (error) {
    return { file, error };
  }
}

function findSettings(config: ResolvedConfig | undefined, environment: Environment): FoundSettings {
  const inspected = inspectSettings(config?.orchestra?.settings, environment);
  createRedactor(inspected.settings);
  const runtime = inspect(
    (from) => resolveRuntimeSettings(config?.settings, from),
    (from) => resolveRuntimeSettings({}, from),
    environment,
  );
  const server = inspect(ofServer, ofServer, environment);
  const problems = [...inspected.problems, ...runtime.problems, ...server.problems];
  return { ...inspected, runtime: runtime.settings, server: server.settings, problems };
}

function ofServer(environment: Environment): ServerSettings {
  return resolveServerSettings({}, environment);
}

/** The settings; if variables are invalid, their problems, and the settings without those variables. */
function inspect<T>(
  resolveAll: (environment: Environment) => T,
  resolveRest: (environment: Environment) => T,
  environment: Environment,
): { readonly settings: T; readonly problems: readonly SettingsProblem[] } {
  try {
    return { settings: resolveAll(environment), problems: [] };
  } catch (error) {
    if (!SettingsError.isInstance(error)) throw error;
    const { problems } = error;
    const wrong = new Set(problems.map(({ variable }) => variable));
    const rest = Object.entries(environment).filter(([name]) => !wrong.has(name));
    return { settings: resolveRest(Object.fromEntries(rest)), problems };
  }
}
