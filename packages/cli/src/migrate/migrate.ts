import { resolve } from "node:path";
import {
  inspectDatabase,
  migrateDatabase,
  resolveRuntimeSettings,
  type DatabaseInspection,
  type MigrationInfo,
  type RuntimeSettings,
} from "@orchestra/runtime";
import { loadConfigOrEmpty } from "../config/index.ts";
import { withDatabaseUrl } from "../database-url.ts";
import { FailedError } from "../errors/failed-error.ts";
import { prepareHome } from "../embedded-home.ts";
import type { CommandContext } from "../command-context.ts";
import { formatCount } from "../terminal/amounts.ts";
import { writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import { describeDatabase } from "../worker/describe-database.ts";

export interface MigrateOptions {
  /** Lists what is missing, and changes nothing. */
  readonly check?: boolean | undefined;
  /** File of the config. @defaultValue the one in the working folder, if there is one */
  readonly config?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly json?: boolean | undefined;
}

/** A migration with its state; `newer`: a newer version has applied it, and this version does not know it. */
interface ListedMigration extends MigrationInfo {
  readonly state: "applied" | "pending" | "newer";
  readonly appliedAt?: string;
}

/**
 * Applies the migrations that a database lacks; with `check`, lists all migrations with their states.
 *
 * @throws {FailedError} with `check`, if migrations, or tables of the queue or the checkpoints, are missing, or if a
 * newer version has applied a breaking migration
 * @throws {UsageError} if another process uses the embedded database
 * @throws {ConfigError} {@link SettingsError} {@link DatabaseError}
 */
export async function runMigrate(options: MigrateOptions, context: CommandContext): Promise<void> {
  const settings = await settingsOf(options, context);
  await (options.check ? check : apply)(settings, options, context);
}

async function apply(
  settings: RuntimeSettings,
  { json }: MigrateOptions,
  { stdout, environment }: CommandContext,
): Promise<void> {
  const { database, schema } = describeDatabase(settings);
  if (settings.databaseUrl === undefined) await prepareHome(settings.home);
  const applied = await migrateDatabase({ settings, environment });
  if (json) {
    stdout.write(`${JSON.stringify({ database, schema, applied }, null, 2)}\n`);
    return;
  }
  for (const migration of applied) stdout.write(`applied  ${describe(migration)}\n`);
  stdout.write(`The schema ${schema} in ${database} has the tables of this version.\n`);
}

async function check(
  settings: RuntimeSettings,
  { json }: MigrateOptions,
  { stdout, stderr }: CommandContext,
): Promise<void> {
  const { database, schema } = describeDatabase(settings);
  const found = await inspectDatabase({
    url: settings.databaseUrl,
    home: settings.home,
    schema,
    timeoutMs: settings.databaseTimeoutMs,
  });
  const migrations = listMigrations(found);
  const libraries = found.state === "open" ? found.libraries : [];
  const missing = migrations.filter(({ state }) => state === "pending").length;
  const isCurrent = missing === 0 && libraries.every(({ state }) => state === "current");
  const unusable = migrations.filter(({ state, isBreaking }) => state === "newer" && isBreaking);
  const isUsable = unusable.length === 0;
  if (json) {
    const report = { database, schema, isCurrent, isUsable, migrations, libraries };
    stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else {
    for (const migration of migrations) {
      stdout.write(`${migration.state.padEnd(7)}  ${describe(migration)}\n`);
    }
    for (const { name, library, state } of libraries) {
      stdout.write(`${state.padEnd(7)}  tables of the ${name} (${library})\n`);
    }
    const lacks = missing === 0 ? "no migrations" : formatCount(missing, "migration");
    stdout.write(`The schema ${schema} in ${database} lacks ${lacks}.\n`);
  }
  if (!isUsable) {
    writeProse(
      stderr,
      "A newer version has applied a breaking migration, so this version cannot use the database: update the @orchestra packages.",
    );
  }
  if (!isCurrent || !isUsable) throw new FailedError();
}

/** @throws {UsageError} if another process uses the embedded database */
function listMigrations(found: DatabaseInspection): readonly ListedMigration[] {
  if (found.state === "in-use") {
    throw new UsageError(
      `The embedded database in ${found.folder} is in use by process ${found.processId}. Run this command again when that process has ended.`,
    );
  }
  const applied = found.state === "open" ? found.applied : [];
  const newer = new Set(found.state === "open" ? found.newer.map(({ id }) => id) : []);
  return [
    ...applied.map((each) => ({
      ...each,
      state: newer.has(each.id) ? ("newer" as const) : ("applied" as const),
    })),
    ...found.pending.map((each) => ({ ...each, state: "pending" as const })),
  ].toSorted((a, b) => a.id - b.id);
}

function describe({ id, name, isBreaking }: MigrationInfo): string {
  return `${String(id).padStart(4, "0")} ${name}${isBreaking ? " (breaking)" : ""}`;
}

/** @throws {ConfigError} {@link SettingsError} {@link UsageError} */
async function settingsOf(
  { config: path, databaseUrl }: MigrateOptions,
  { environment, folder }: CommandContext,
): Promise<RuntimeSettings> {
  const config = await loadConfigOrEmpty({ folder, path });
  const given = withDatabaseUrl(config.settings, databaseUrl);
  const settings = resolveRuntimeSettings(given, environment);
  return { ...settings, home: resolve(folder, settings.home) };
}
