import { addAbortListener } from "node:events";
import { join, resolve } from "node:path";
import {
  createRedactor,
  inspectSettings,
  readVariable,
  SettingsError,
  type Settings,
  type SettingsOptions,
} from "@orchestra/core/gateway";
import { createDefaultLogger, keyless } from "@orchestra/core/extend";
import {
  openRuntime,
  resolveRuntimeSettings,
  type Pipeline,
  type Run,
  type Runtime,
  type RuntimeSettings,
} from "@orchestra/runtime";
import { agentsOf, findConfig, loadConfig, type ResolvedConfig } from "../config/index.ts";
import { createCommandLine, type CommandLine } from "../command-line.ts";
import { hasEmbeddedDatabase, prepareHome } from "../embedded-home.ts";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../errors/usage-error.ts";
import { builtInNames, builtInPipelines } from "./built-in-pipelines.ts";
import { describeUnknown, isOf } from "./unknown-pipeline.ts";
import { untilKeyIsNeeded } from "./until-key-is-needed.ts";
import { wholeRunId } from "./whole-run-id.ts";

export interface OpenRunsOptions {
  /** File of the config. @defaultValue the one in the working folder, if there is one */
  readonly config?: string | undefined;
  /** Settings of the command line; they win over those of the config. */
  readonly settings?: SettingsOptions | undefined;
  /** Whether runs are executed without a key too, until they need a model. @defaultValue `false` */
  readonly allowsNoKey?: boolean | undefined;
}

/** What this command knows of a run, beside what is stored. */
export interface RunContext {
  /** Makes the commands that the user can copy. */
  readonly command: CommandLine;
  /** Whether no process executes it, and none will by itself. */
  readonly isStopped: boolean;
  /** Why this command cannot execute it, though no other process can in the meantime. */
  readonly obstacle?: string | undefined;
}

/** The runs of the database, as a command uses them. */
export interface OpenedRuns extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Those of the config. */
  readonly pipelines: readonly Pipeline[];
  /** Roles of the config's agents. */
  readonly agentRoles: () => Promise<readonly string[]>;
  /** Names the documents of `orchestra-answer`. */
  readonly useDocs: (folder: string) => void;
  /** Whether no other process will execute a run, so that this one has to. */
  readonly isForThisProcess: (run: Run) => boolean;
  /** Whether the pipeline of a run is in the config, or built in. */
  readonly isKnown: (run: Run) => boolean;
  readonly contextOf: (run: Run) => RunContext;
  readonly command: CommandLine;
  /** What is wrong where this process has no key, and when it needs one. */
  readonly noKey?: { readonly error: SettingsError; readonly needed: AbortSignal } | undefined;
}

/** What a command knows of its runs before the database is opened, and made where there is none. */
export interface PreparedRuns {
  /** Those of the config. */
  readonly pipelines: readonly Pipeline[];
  /** Settings of the models. What is wrong with them is said by {@link checkModels}. */
  readonly settings: Settings;
  readonly command: CommandLine;
  /** @throws {SettingsError} where this process cannot call models */
  checkModels(): void;
  /** Roles of the config's agents; needs settings that {@link checkModels} accepts. */
  readonly agentRoles: () => Promise<readonly string[]>;
  /**
   * Makes an embedded database where there is none.
   *
   * @throws {UsageError} {@link DatabaseError}
   * @throws the signal's reason, as soon as it aborts
   */
  open(): Promise<OpenedRuns>;
  /** As {@link open}, but makes no database: `undefined` where there is none. */
  openExisting(): Promise<OpenedRuns | undefined>;
}

/** The runs of the database, with the id of the one that a command is about. */
export interface OpenedRun extends OpenedRuns {
  readonly id: string;
}

/**
 * Opens the database that has a run. None is made for a run that cannot be there.
 *
 * @param typed - The id of the run, or its beginning.
 * @throws {UsageError} where no run was started yet, and for a beginning that several runs have
 * @throws {ConfigError} {@link SettingsError} {@link DatabaseError}
 */
export async function openRunsWith(
  typed: string,
  options: OpenRunsOptions,
  surroundings: Surroundings,
): Promise<OpenedRun> {
  const prepared = await prepareRuns(options, surroundings);
  const runs = await prepared.openExisting();
  if (!runs) {
    throw new UsageError(
      `There is no run ${JSON.stringify(typed)}: no run was started in ${surroundings.folder} yet. Change to the folder of the run, or set ORCHESTRA_HOME or DATABASE_URL as they were set for it.`,
    );
  }
  try {
    return { ...runs, id: await wholeRunId(runs.runtime, typed) };
  } catch (error) {
    await runs[Symbol.asyncDispose]();
    throw error;
  }
}

/** @throws {ConfigError} {@link SettingsError} for settings of the database */
export async function prepareRuns(
  options: OpenRunsOptions,
  surroundings: Surroundings,
): Promise<PreparedRuns> {
  const { environment, folder } = surroundings;
  const config = await configOf(options, folder);
  // Looking at runs and deciding on them needs no key: what is wrong with the settings of the models
  // is reported where this process executes a run.
  const { settings: models, problems } = inspectSettings(config.orchestra?.settings, environment);
  const settings = resolveRuntimeSettings(config.settings, environment);
  const home = resolve(folder, settings.home);
  const isEmbedded = settings.databaseUrl === undefined;
  const agentRoles = async () =>
    (await agentsOf(config, models, environment)).map(({ role }) => role.name);
  const command = createCommandLine(surroundings, options);
  const isKeyless = options.allowsNoKey === true && keyless.lacksOnlyKey(problems);
  const openOrMake = async (): Promise<OpenedRuns> => {
    if (isEmbedded) await prepareHome(home);
    const noKey = isKeyless ? new SettingsError(problems) : undefined;
    const resolved = {
      config,
      models,
      agentRoles,
      command,
      noKey,
      settings: { ...settings, home },
    };
    const opening = open(resolved, surroundings);
    return unlessAborted(opening, surroundings.signal);
  };
  return {
    command,
    pipelines: config.pipelines,
    settings: models,
    checkModels: () => {
      if (problems.length > 0) throw new SettingsError(problems);
    },
    agentRoles,
    open: openOrMake,
    openExisting: async () => {
      const isThere = !isEmbedded || (await hasEmbeddedDatabase(home));
      return isThere ? openOrMake() : undefined;
    },
  };
}

interface Resolved {
  readonly config: ResolvedConfig;
  readonly models: Settings;
  readonly agentRoles: () => Promise<readonly string[]>;
  readonly command: CommandLine;
  readonly noKey: SettingsError | undefined;
  readonly settings: RuntimeSettings;
}

async function open(
  { config, models, agentRoles, command, noKey, settings }: Resolved,
  { environment, folder }: Surroundings,
): Promise<OpenedRuns> {
  const { home } = settings;
  let docs = folder;
  const builtIn = builtInPipelines({
    docsFolder: () => docs,
    vectorsFolder: join(home, "vectors"),
    environment,
    agents: config.agents,
  });
  const redact = createRedactor(models);
  // The command shows progress itself; a log beside it is for those who ask for one.
  const level = readVariable(environment, "LOG_LEVEL") ? models.logLevel : "silent";
  const logger = config.orchestra?.logger ?? createDefaultLogger({ level, redact });
  const pipelines = [...config.pipelines, ...builtIn];
  const untilKey = noKey && untilKeyIsNeeded(config.orchestra ?? {});
  const runtime = await openRuntime({
    ...config,
    pipelines,
    environment,
    settings: { ...config.settings, home },
    orchestra: { ...(untilKey?.options ?? config.orchestra), logger },
  });
  const builtInSet: ReadonlySet<string> = new Set(Object.values(builtInNames));
  const isEmbedded = settings.databaseUrl === undefined;
  const isKnown = (run: Run) => isOf(run, pipelines);
  // One process has an embedded database at a time: no other process executes its runs now.
  const isStopped = ({ pipeline, status, waiting }: Run) =>
    isEmbedded
      ? status === "queued" || status === "running" || waiting?.for === "rate-limit"
      : status === "queued" && builtInSet.has(pipeline);
  return {
    runtime,
    pipelines: config.pipelines,
    agentRoles,
    useDocs: (path) => {
      docs = path;
    },
    isForThisProcess: (run) => isKnown(run) && (isEmbedded || builtInSet.has(run.pipeline)),
    isKnown,
    contextOf: (run) => ({
      command,
      isStopped: isStopped(run),
      obstacle: isEmbedded && !isKnown(run) ? describeUnknown(run, config.pipelines) : undefined,
    }),
    command,
    noKey: untilKey && noKey ? { error: noKey, needed: untilKey.keyNeeded } : undefined,
    [Symbol.asyncDispose]: () => runtime.close(),
  };
}

/** Opening a database may take long, or never end. A database that is opened after an abort is closed. */
async function unlessAborted(opening: Promise<OpenedRuns>, signal: AbortSignal) {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  using _ = addAbortListener(signal, () => reject(signal.reason as Error));
  try {
    return await Promise.race([opening, aborted]);
  } catch (error) {
    void opening.then((runs) => runs[Symbol.asyncDispose]()).catch(() => undefined);
    throw error;
  }
}

async function configOf(
  { config: path, settings }: OpenRunsOptions,
  folder: string,
): Promise<ResolvedConfig> {
  const isThere = path !== undefined || (await findConfig(folder)) !== undefined;
  const config = isThere ? await loadConfig({ folder, path }) : { pipelines: [] };
  const { orchestra } = config;
  return {
    ...config,
    orchestra: { ...orchestra, settings: { ...orchestra?.settings, ...settings } },
  };
}
