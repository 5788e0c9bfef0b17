export {
  hasPgBouncer,
  startPgBouncer,
  type PgBouncer,
  type StartPgBouncerOptions,
} from "./pgbouncer.ts";
export {
  startPostgres,
  type PostgresServer,
  type StartPostgresOptions,
} from "./postgres-server.ts";
