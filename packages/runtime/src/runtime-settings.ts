import {
  hideSecrets,
  readVariable,
  SettingsError,
  type Environment,
  type RuntimeVariableName,
  type SettingsProblem,
} from "@orchestra/core";
import { z } from "zod";
import type { DatabaseBackend } from "./database/index.ts";

/** Settings of the runtime. Those of the models are in `@orchestra/core`. */
export interface RuntimeSettings {
  /** Env `DATABASE_URL`. @defaultValue embedded PGlite */
  readonly databaseUrl?: string | undefined;
  /** Env `ORCHESTRA_HOME`. @defaultValue `.orchestra` in the working folder */
  readonly home: string;
  /** Env `ORCHESTRA_DATABASE_BACKEND`. @defaultValue `postgres`, without a URL `pglite` */
  readonly databaseBackend?: DatabaseBackend | undefined;
  /** Holds the tables; the queue has one beside it. Env `ORCHESTRA_DATABASE_SCHEMA`. @defaultValue `orchestra` */
  readonly databaseSchema: string;
  /** Env `ORCHESTRA_DATABASE_CONNECTIONS`. @defaultValue `10` */
  readonly databaseConnections: number;
  /** How long ended runs are kept, in days. Env `ORCHESTRA_RETENTION_DAYS`. @defaultValue `30` */
  readonly retentionDays: number;
}

interface Variable {
  readonly name: RuntimeVariableName;
  readonly option: keyof RuntimeSettings;
  readonly schema: z.ZodType;
  readonly expected: string;
  readonly example: string;
}

/** The runtime's variables; those of core are in core. */
export const runtimeVariables: readonly Variable[] = [
  {
    name: "DATABASE_URL",
    option: "databaseUrl",
    schema: z
      .string()
      .refine((value) => /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? ""))
      .optional(),
    expected: "the URL of a PostgreSQL database",
    example: "postgresql://user:password@localhost:5432/orchestra",
  },
  {
    name: "ORCHESTRA_HOME",
    option: "home",
    schema: z.string().default(".orchestra"),
    expected: "a folder",
    example: ".orchestra",
  },
  {
    name: "ORCHESTRA_DATABASE_BACKEND",
    option: "databaseBackend",
    schema: z.enum(["postgres", "cockroachdb", "yugabytedb", "citus"]).optional(),
    expected: "postgres, cockroachdb, yugabytedb or citus",
    example: "postgres",
  },
  {
    name: "ORCHESTRA_DATABASE_SCHEMA",
    option: "databaseSchema",
    // The queue's schema is named after it, and pg-boss takes 50 characters.
    schema: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,43}$/)
      .default("orchestra"),
    expected: "lower-case letters, digits and _, 44 at most, beginning with a letter or _",
    example: "orchestra",
  },
  {
    name: "ORCHESTRA_DATABASE_CONNECTIONS",
    option: "databaseConnections",
    schema: z.coerce.number().int().min(2).max(1000).default(10),
    expected: "a whole number from 2 to 1000",
    example: "10",
  },
  {
    name: "ORCHESTRA_RETENTION_DAYS",
    option: "retentionDays",
    schema: z.coerce.number().positive().max(36_500).default(30),
    expected: "a number of days above 0",
    example: "30",
  },
];

/**
 * Reads the runtime's settings. An option wins over its variable; an empty variable counts as unset,
 * and quotes around a value are removed.
 *
 * @throws {SettingsError} with every problem at once
 */
export function resolveRuntimeSettings(
  options: Partial<RuntimeSettings> = {},
  environment: Environment = process.env,
): RuntimeSettings {
  const problems: SettingsProblem[] = [];
  const entries = runtimeVariables.map(({ name, option, schema, expected, example }) => {
    const given = options[option] ?? readVariable(environment, name);
    const parsed = schema.safeParse(given);
    if (!parsed.success) {
      // A database's URL may hold a password.
      const problem = option === "databaseUrl" ? "is not valid" : `is ${JSON.stringify(given)}`;
      const source = options[option] === undefined ? "environment" : "code";
      problems.push({ variable: name, option, problem, expected, example, source });
    }
    return [option, parsed.data];
  });
  if (problems.length > 0) throw new SettingsError(problems);
  const settings = Object.fromEntries(entries) as RuntimeSettings;
  // The URL may hold a password.
  return hideSecrets(settings, ["databaseUrl"]);
}
