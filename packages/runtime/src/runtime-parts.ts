import { join } from "node:path";
import { createRedactor, Gateway, inspectSettings, SettingsError } from "@orchestra/core/gateway";
import { keyless } from "@orchestra/core/extend";
import { RunArtifacts } from "./artifacts/index.ts";
import { loadSaver } from "./checkpoints/index.ts";
import type { Database } from "./database/index.ts";
import { RuntimeClosedError } from "./errors/index.ts";
import { EventStore, LiveLane, EventNotifier, type Announcer } from "./events/index.ts";
import { ForkControl } from "./control/fork-control.ts";
import { ApiKeys } from "./keys/index.ts";
import { PipelineRegistry } from "./pipelines/index.ts";
import type { RunQueue } from "./queue/run-queue.ts";
import { controlChannel, RunControl } from "./control/run-control.ts";
import { RunReader } from "./reading/run-reader.ts";
import { RunStore } from "./runs/index.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import type { RuntimeSettings } from "./runtime-settings.ts";
import { Schedules } from "./control/schedules.ts";
import { SharedGateway } from "./limits/shared-gateway.ts";
import type { ErrorReporter } from "./background/error-reporter.ts";
import { Workers } from "./runtime-workers.ts";

/** The parts that are opened first. */
export interface OpenedParts {
  readonly settings: RuntimeSettings;
  readonly database: Database;
  readonly queue: RunQueue;
  readonly announcer: Announcer;
  readonly errorReporter: ErrorReporter;
}

export type RuntimeParts = ReturnType<typeof createParts>;

/** Creates the parts of a runtime. */
export function createParts(options: RuntimeOptions, opened: OpenedParts) {
  const { settings, database, queue, announcer, errorReporter } = opened;
  const { maxPayloadBytes } = settings;
  const closing = new AbortController();
  const { settings: models, problems } = inspectSettings(
    options.orchestra?.settings,
    options.environment,
  );
  // Secrets are removed from stored data, also in a process without a `Gateway`.
  const redact = createRedactor(models);
  const keys = new ApiKeys(database);
  const events = new EventStore(database, redact);
  const store = new RunStore(database, events, announcer);
  const live = new LiveLane({ database, announcer, redact });
  const notifier = new EventNotifier(database, events.channel);
  const artifacts = new RunArtifacts(settings.artifactsDir ?? join(settings.home, "artifacts"));

  let shared: SharedGateway | undefined;
  const gateway = (): Gateway => {
    shared ??= new SharedGateway({
      database,
      options: options.orchestra,
      environment: options.environment,
      windowMs: options.limits?.windowMs,
      onError: errorReporter.report,
    });
    return shared.gateway;
  };
  const registryOver = (open: () => Gateway) =>
    new PipelineRegistry(options.pipelines, {
      checkpointer: () => loadSaver(database),
      gateway: open,
    });
  const pipelines = registryOver(gateway);
  // The steps of a run are those of its graph, which is also created in a process without a key.
  const readable = keyless.lacksOnlyKey(problems)
    ? registryOver(() => gatewayWithoutKey(options, new SettingsError(problems)))
    : pipelines;

  const services = { database, queue, store, maxPayloadBytes };
  const control = new RunControl({ ...services, artifacts, pipelines: readable, redact });
  const forks = new ForkControl({ ...services, pipelines: readable });
  const schedules = new Schedules({
    queue: queue.schedules,
    pipelines,
    maxPayloadBytes,
    start: (...run) => control.start(...run),
    onError: errorReporter.report,
  });
  const workers = new Workers({
    ...services,
    redact,
    live,
    keys,
    artifacts,
    pipelines,
    schedules,
    maxCrashes: options.maxCrashes ?? 3,
    keptMs: settings.retentionDays * 86_400_000,
    controlChannel: controlChannel(database),
    onError: errorReporter.report,
  });
  const closed: AbortSignal = closing.signal;
  return {
    database,
    /** Aborted when the workers have drained. Its reason is a {@link RuntimeClosedError}. */
    closed,
    keys,
    gateway,
    reader: new RunReader({ database, store, events, notifier, artifacts, redact, closed }),
    control,
    forks,
    schedules,
    workers,
    /** Drains the workers, then closes all but the database. */
    close: async (): Promise<void> => {
      await workers.drain();
      closing.abort(new RuntimeClosedError());
      await shared?.[Symbol.asyncDispose]();
      await workers[Symbol.asyncDispose]();
      await queue.close();
      await live[Symbol.asyncDispose]();
      await announcer[Symbol.asyncDispose]();
      await notifier[Symbol.asyncDispose]();
    },
  };
}

/** Creates pipelines to inspect their graphs. A model that is called then fails with `error`. */
function gatewayWithoutKey(
  { orchestra, environment }: RuntimeOptions,
  error: SettingsError,
): Gateway {
  const options = { ...orchestra, ...(environment ? { environment } : {}) };
  return new Gateway(keyless.withoutKey(options, () => Promise.reject(error)));
}
