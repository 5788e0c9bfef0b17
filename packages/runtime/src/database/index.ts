export {
  infoOf,
  missingMigrations,
  newerMigrations,
  readAppliedMigrations,
  type AppliedMigration,
  type MigrationInfo,
} from "./applied-migrations.ts";
export { holderOf } from "./folder-lock.ts";
export { migrations, partitionCount } from "./migrations/index.ts";
export type {
  Database,
  DatabaseBackend,
  Query,
  Statement,
  Subscription,
  Transaction,
} from "./database.ts";
export { DatabaseError } from "./database-error.ts";
export { databaseProblemOf, type DatabaseProblem } from "./database-problem.ts";
export { checkWritable } from "./check-writable.ts";
export { maxClosingMs, waitToClose } from "./closing.ts";
export { describeConnectionUrl, isConnectionUrl } from "./connection-url.ts";
export { NotificationsError } from "./notifications-error.ts";
export { migrate } from "./migrate.ts";
export { onConnection } from "./prepared-query.ts";
export { quoted } from "./quoted.ts";
export { list, sql, verbatim, type Sql } from "./sql.ts";
export type { TableVersions } from "./table-versions.ts";
export { takeTurn } from "./take-turn.ts";
export { vacuumEmbedded } from "./vacuum-embedded.ts";
export { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
export { openPglite } from "./open-pglite.ts";
export { openPostgres } from "./open-postgres.ts";
export { DatabaseTimeoutError, isOutage } from "./outage.ts";
export { expectedSchemaName, schemaName } from "./schema-name.ts";
export { outlastOutages, readPatiently, type OutageOptions } from "./outlast-outages.ts";
export { explainFailure, isRightsError } from "./explain-failure.ts";
export { registerPassword } from "./register-password.ts";
