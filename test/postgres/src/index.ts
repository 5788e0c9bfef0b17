export {
  hasPgBouncer,
  startPgBouncer,
  type PgBouncer,
  type StartPgBouncerOptions,
} from "./pgbouncer.ts";
export {
  startPostgres,
  startStandby,
  type PostgresServer,
  type StartPostgresOptions,
} from "./postgres-server.ts";
