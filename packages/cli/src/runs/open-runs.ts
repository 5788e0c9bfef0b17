import { addAbortListener } from "node:events";
import { join, resolve } from "node:path";
import {
  createRedactor,
  inspectSettings,
  readVariable,
  SettingsError,
  type Settings,
  type SettingsOptions,
  type SettingsProblem,
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
import { inspectAgents, loadConfigOrEmpty, type ResolvedConfig } from "../config/index.ts";
import { createCommandLine, type CommandLine } from "../command-line.ts";
import { hasEmbeddedDatabase, prepareHome } from "../embedded-home.ts";
import type { CommandContext } from "../command-context.ts";
import { UsageError } from "../errors/usage-error.ts";
import { builtInNames, builtInPipelines } from "./built-in-pipelines.ts";
import { describeUnknownPipeline, isRunOf } from "./unknown-pipeline.ts";
import { createKeylessOrchestra } from "./keyless-orchestra.ts";
import { wholeRunId } from "./whole-run-id.ts";

export interface OpenRunsOptions {
  /** Path of the config. @defaultValue the config in the working folder, if there is one */
  readonly config?: string | undefined;
  /** Settings of the command line. They override those of the config. */
  readonly settings?: SettingsOptions | undefined;
  /** Whether runs are executed without a key, up to their first model call. @defaultValue `false` */
  readonly allowsNoKey?: boolean | undefined;
}

/** What this command knows about a run, in addition to what is stored. */
export interface RunContext {
  /** Makes command lines for the user to copy. */
  readonly command: CommandLine;
  /** Whether no process executes the run, and none will, until the user continues it. */
  readonly isStopped: boolean;
  /** Why no process can execute the run now: this one has the embedded database, but not the run's pipeline. */
  readonly obstacle?: string | undefined;
}

/** An open database, with what a command needs to show and execute its runs. */
export interface OpenedRuns extends AsyncDisposable {
  readonly runtime: Runtime;
  /** The pipelines of the config. */
  readonly pipelines: readonly Pipeline[];
  /** The roles of the config's agents. */
  readonly agentRoles: () => Promise<readonly string[]>;
  /** Sets the folder of documents for runs of the pipeline `orchestra-answer`. */
  readonly useDocs: (folder: string) => void;
  /** Whether this process has to execute a run, because no other process will. */
  readonly isForThisProcess: (run: Run) => boolean;
  /** Whether the pipeline of a run, in its version, is in the config or built in. */
  readonly isKnown: (run: Run) => boolean;
  readonly contextOf: (run: Run) => RunContext;
  readonly command: CommandLine;
  /** Present if this process has no key: the error to throw, and a signal that aborts when a run needs a model. */
  readonly noKey?: { readonly error: SettingsError; readonly needed: AbortSignal } | undefined;
}

/** What a command knows before it opens the database, or creates an embedded one. */
export interface PreparedRuns {
  /** The pipelines of the config. */
  readonly pipelines: readonly Pipeline[];
  /** Settings of the models. For invalid ones, it has the defaults. */
  readonly settings: Settings;
  /** What is invalid in the settings of the models. {@link requireModelSettings} throws it. */
  readonly problems: readonly SettingsProblem[];
  readonly command: CommandLine;
  /** @throws {SettingsError} if the settings of the models are invalid, such as without a key */
  requireModelSettings(): void;
  /** The roles of the config's agents. It rejects if {@link requireModelSettings} throws. */
  readonly agentRoles: () => Promise<readonly string[]>;
  /**
   * Opens the database. An embedded database is created if there is none.
   *
   * @throws {UsageError} {@link DatabaseError}
   * @throws the signal's reason, as soon as it aborts
   */
  open(): Promise<OpenedRuns>;
  /** Like {@link open}, but returns `undefined` if the embedded database does not exist. */
  openExisting(): Promise<OpenedRuns | undefined>;
}

/** An open database, with the id of the run that a command shows or changes. */
export interface OpenedRun extends OpenedRuns {
  readonly id: string;
}

/**
 * Opens the database, and finds the run that the user means. No database is created.
 *
 * @param typed - The id of the run, or its first characters.
 * @throws {UsageError} if there is no database, and for characters that are too few or that several ids begin with
 * @throws {ConfigError} {@link SettingsError} {@link DatabaseError}
 */
export async function openRunsWith(
  typed: string,
  options: OpenRunsOptions,
  context: CommandContext,
): Promise<OpenedRun> {
  const prepared = await prepareRuns(options, context);
  const runs = await prepared.openExisting();
  if (!runs) {
    throw new UsageError(
      `There is no run ${JSON.stringify(typed)}: no run was started in ${context.folder} yet. Change to the folder of the run, or set ORCHESTRA_HOME or DATABASE_URL as they were set for it.`,
    );
  }
  try {
    return { ...runs, id: await wholeRunId(runs.runtime, typed) };
  } catch (error) {
    await runs[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Loads the config and resolves the settings, before the database is opened.
 *
 * @throws {ConfigError}
 * @throws {SettingsError} for invalid settings of the runtime
 */
export async function prepareRuns(
  options: OpenRunsOptions,
  context: CommandContext,
): Promise<PreparedRuns> {
  const { environment, folder } = context;
  const config = await configOf(options, folder);
  // To show runs and to decide on them, no key is needed. So invalid settings of the models are an error only if
  // this process executes a run.
  const { settings: models, problems } = inspectSettings(config.orchestra?.settings, environment);
  const settings = resolveRuntimeSettings(config.settings, environment);
  const home = resolve(folder, settings.home);
  const isEmbedded = settings.databaseUrl === undefined;
  const agentRoles = async () =>
    (await inspectAgents(config, models, environment)).map(({ role }) => role.name);
  const command = createCommandLine(context, options);
  const isKeyless = options.allowsNoKey === true && keyless.lacksOnlyKey(problems);
  const openOrCreate = async (): Promise<OpenedRuns> => {
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
    const opening = open(resolved, context);
    return unlessAborted(opening, context.signal);
  };
  return {
    command,
    pipelines: config.pipelines,
    settings: models,
    problems,
    requireModelSettings: () => {
      if (problems.length > 0) throw new SettingsError(problems);
    },
    agentRoles,
    open: openOrCreate,
    openExisting: async () => {
      const isThere = !isEmbedded || (await hasEmbeddedDatabase(home));
      return isThere ? openOrCreate() : undefined;
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
  { environment, folder }: CommandContext,
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
  // The command prints the progress itself, so there is a log only if LOG_LEVEL is set.
  const level = readVariable(environment, "LOG_LEVEL") ? models.logLevel : "silent";
  const logger = config.orchestra?.logger ?? createDefaultLogger({ level, redact });
  const pipelines = [...config.pipelines, ...builtIn];
  const keylessOrchestra = noKey && createKeylessOrchestra(config.orchestra ?? {});
  const runtime = await openRuntime({
    ...config,
    pipelines,
    environment,
    settings: { ...config.settings, home },
    orchestra: { ...(keylessOrchestra?.options ?? config.orchestra), logger },
  });
  const builtInSet: ReadonlySet<string> = new Set(Object.values(builtInNames));
  const isEmbedded = settings.databaseUrl === undefined;
  const isKnown = (run: Run) => isRunOf(run, pipelines);
  // Only one process at a time can use an embedded database, so no other process executes its runs now.
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
      obstacle:
        isEmbedded && !isKnown(run) ? describeUnknownPipeline(run, config.pipelines) : undefined,
    }),
    command,
    noKey:
      keylessOrchestra && noKey ? { error: noKey, needed: keylessOrchestra.keyNeeded } : undefined,
    [Symbol.asyncDispose]: () => runtime.close(),
  };
}

/** Rejects as soon as the signal aborts. If the database is opened after that, it is closed. */
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
  const config = await loadConfigOrEmpty({ folder, path });
  const { orchestra } = config;
  return {
    ...config,
    orchestra: { ...orchestra, settings: { ...orchestra?.settings, ...settings } },
  };
}
