import { join, resolve } from "node:path";
import {
  createLogger,
  createRedactor,
  inspectSettings,
  readVariable,
  type SettingsOptions,
} from "@orchestra/core";
import {
  openRuntime,
  resolveRuntimeSettings,
  type Pipeline,
  type Run,
  type Runtime,
} from "@orchestra/runtime";
import { findConfig, loadConfig, type OrchestraConfig } from "../config/index.ts";
import type { Surroundings } from "../surroundings.ts";
import { builtInNames, builtInPipelines } from "./built-in-pipelines.ts";

export interface OpenRunsOptions {
  /** File of the config. @defaultValue the one in the working folder, if there is one */
  readonly config?: string | undefined;
  /** Settings of the command line; they win over those of the config. */
  readonly settings?: SettingsOptions | undefined;
}

/** The runs of the database, as a command uses them. */
export interface OpenedRuns extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Those of the config. */
  readonly pipelines: readonly Pipeline[];
  /** Names the documents of `orchestra-answer`. */
  readonly useDocs: (folder: string) => void;
  /** Whether no other process will execute a run, so that this one has to. */
  readonly isForThisProcess: (run: Run) => boolean;
}

/** @throws {ConfigError} {@link SettingsError} {@link DatabaseError} */
export async function openRuns(
  options: OpenRunsOptions,
  { environment, folder }: Surroundings,
): Promise<OpenedRuns> {
  const config = await configOf(options, folder);
  // Looking at runs and deciding on them needs no key: what is wrong with the settings of the models
  // is reported where this process executes a run.
  const { settings: models } = inspectSettings(config.orchestra?.settings, environment);
  const settings = resolveRuntimeSettings(config.settings, environment);
  let docs = folder;
  const home = resolve(folder, settings.home);
  const builtIn = builtInPipelines(() => docs, join(home, "vectors"), environment);
  const redact = createRedactor(models);
  // The command shows progress itself; a log beside it is for those who ask for one.
  const level = readVariable(environment, "LOG_LEVEL") ? models.logLevel : "silent";
  const logger = config.orchestra?.logger ?? createLogger({ level, redact });
  const runtime = await openRuntime({
    ...config,
    pipelines: [...config.pipelines, ...builtIn],
    environment,
    settings: { ...config.settings, home },
    orchestra: { ...config.orchestra, logger },
  });
  const builtInSet: ReadonlySet<string> = new Set(Object.values(builtInNames));
  return {
    runtime,
    pipelines: config.pipelines,
    useDocs: (path) => {
      docs = path;
    },
    isForThisProcess: ({ pipeline }) =>
      settings.databaseUrl === undefined || builtInSet.has(pipeline),
    [Symbol.asyncDispose]: () => runtime.close(),
  };
}

async function configOf(
  { config: path, settings }: OpenRunsOptions,
  folder: string,
): Promise<OrchestraConfig> {
  const isThere = path !== undefined || (await findConfig(folder)) !== undefined;
  const config = isThere ? await loadConfig({ folder, path }) : { pipelines: [] };
  const { orchestra } = config;
  return {
    ...config,
    orchestra: { ...orchestra, settings: { ...orchestra?.settings, ...settings } },
  };
}
