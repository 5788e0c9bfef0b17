export type { Database, DatabaseBackend, Query, Transaction } from "./database.ts";
export { DatabaseError } from "./database-error.ts";
export { migrate, quoted } from "./migrate.ts";
export { openDatabase, type OpenDatabaseOptions } from "./open-database.ts";
export { openPglite, type OpenPgliteOptions } from "./open-pglite.ts";
export { openPostgres, type OpenPostgresOptions } from "./open-postgres.ts";
export { isConnectionLost, outlastOutages, type OutageOptions } from "./outage.ts";
export { inspectDatabase, type DatabaseInspection } from "./inspect-database.ts";
export { registerPassword } from "./register-password.ts";
