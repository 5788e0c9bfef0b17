import type { Environment, RuntimeVariableName } from "@orchestra/core";
import {
  ranges,
  readers,
  resolvePackageSettings,
  type PackageVariable,
} from "@orchestra/core/extend";
import { z } from "zod";
import { expectedSchemaName, isConnectionUrl, schemaName } from "./database/index.ts";

/** Settings of the runtime. Those of the models are in `@orchestra/core`. */
export interface RuntimeSettings {
  /** Several hosts are separated by commas. Env `DATABASE_URL`. @defaultValue embedded PGlite */
  readonly databaseUrl?: string | undefined;
  /** Env `ORCHESTRA_HOME`. @defaultValue `.orchestra` in the working folder */
  readonly home: string;
  /**
   * Each run has a folder in it for its artifacts. Env `ORCHESTRA_ARTIFACTS_DIR`.
   *
   * @defaultValue `artifacts` in `home`
   */
  readonly artifactsDir?: string | undefined;
  /** Schema of the tables; the queue has a separate one. Env `ORCHESTRA_DATABASE_SCHEMA`. @defaultValue `orchestra` */
  readonly databaseSchema: string;
  /** Env `ORCHESTRA_DATABASE_CONNECTIONS`. @defaultValue `10` */
  readonly databaseConnections: number;
  /**
   * Maximum time of one statement, in milliseconds. After it the database counts as not available, and the statement
   * is repeated. Env `ORCHESTRA_DATABASE_TIMEOUT`, seconds. @defaultValue `10_000`
   */
  readonly databaseTimeoutMs: number;
  /**
   * Whether a runtime migrates the tables of an older version when it opens. If not,
   * `orchestra migrate` does. Env `ORCHESTRA_AUTO_MIGRATE`. @defaultValue `true`
   */
  readonly autoMigrate: boolean;
  /**
   * Maximum size of a run's input, of its output, of its open questions and of a decision, each as JSON, in bytes.
   * Env `ORCHESTRA_MAX_PAYLOAD_BYTES`. @defaultValue 16 MiB
   */
  readonly maxPayloadBytes: number;
  /** How long ended runs are kept, in days. Env `ORCHESTRA_RETENTION_DAYS`. @defaultValue `30` */
  readonly retentionDays: number;
}

/** The runtime's variables; those of core are in core. */
export const runtimeVariables: readonly PackageVariable<
  RuntimeVariableName,
  keyof RuntimeSettings
>[] = [
  {
    name: "DATABASE_URL",
    option: "databaseUrl",
    schema: z.string().refine(isConnectionUrl).optional(),
    expected: "the URL of a PostgreSQL database",
    example: "postgresql://user:password@localhost:5432/orchestra",
    // It may contain a password.
    isSecret: true,
  },
  {
    name: "ORCHESTRA_HOME",
    option: "home",
    schema: z.string().default(".orchestra"),
    expected: "a folder",
    example: ".orchestra",
  },
  {
    name: "ORCHESTRA_ARTIFACTS_DIR",
    option: "artifactsDir",
    schema: z.string().optional(),
    expected: "a folder",
    example: ".orchestra/artifacts",
  },
  {
    name: "ORCHESTRA_DATABASE_SCHEMA",
    option: "databaseSchema",
    schema: schemaName.default("orchestra"),
    expected: expectedSchemaName,
    example: "orchestra",
  },
  {
    name: "ORCHESTRA_DATABASE_CONNECTIONS",
    option: "databaseConnections",
    ...ranges.whole("a whole number", { min: 2, max: 1000, initial: 10 }),
  },
  {
    name: "ORCHESTRA_DATABASE_TIMEOUT",
    option: "databaseTimeoutMs",
    ...ranges.seconds({ min: 0.1, max: 3600, initial: 10 }),
  },
  {
    name: "ORCHESTRA_AUTO_MIGRATE",
    option: "autoMigrate",
    read: readers.boolean,
    schema: z.boolean().default(true),
    expected: "true or false",
    example: "false",
  },
  {
    name: "ORCHESTRA_MAX_PAYLOAD_BYTES",
    option: "maxPayloadBytes",
    // An output is in one statement with its event; texts in JavaScript are limited to 512 MiB.
    ...ranges.whole("a whole number of bytes", {
      min: 1024,
      max: 128 * 2 ** 20,
      initial: 16 * 2 ** 20,
    }),
  },
  {
    name: "ORCHESTRA_RETENTION_DAYS",
    option: "retentionDays",
    read: readers.number,
    schema: z.number().positive().max(36_500).default(30),
    expected: "a number of days above 0",
    example: "30",
  },
];

/**
 * Reads the runtime's settings. An option has precedence over its variable; an empty variable counts as unset,
 * and quotes around a value are removed.
 *
 * @throws {SettingsError} with every problem at once
 * @throws {ArgumentError} for an unknown option
 */
export function resolveRuntimeSettings(
  options: Partial<RuntimeSettings> = {},
  environment: Environment = process.env,
): RuntimeSettings {
  const where = "The runtime's settings in code";
  return resolvePackageSettings(where, runtimeVariables, options, environment);
}
