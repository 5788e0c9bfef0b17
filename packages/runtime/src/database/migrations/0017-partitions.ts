import type { Migration } from "./migration.ts";

/**
 * How many partitions the events and the journal of new runs have. The retention is shorter than the time in
 * which all of them are used: see `runs/partitions.ts`.
 */
export const partitionCount = 12;

/**
 * Events and journal are partitioned by the time at which runs were created. A run's row has the number of its
 * partition; one partition at a time is open for new runs.
 *
 * Partition 0 is the original table. It has the rows of earlier runs, those that processes of the previous version
 * write for any run, and those of runs that outlive their partition. So a run's rows are in its own
 * partition or in 0. The keys are those of each partition, as they were of the table: no index is created again.
 */
export const partitions: Migration = {
  id: 17,
  name: "partitions",
  isBreaking: false,
  statements: (schema) => [
    `ALTER TABLE ${schema}.runs ADD COLUMN partition smallint NOT NULL DEFAULT 0`,
    `CREATE INDEX runs_by_partition ON ${schema}.runs (partition)`,
    `CREATE TABLE ${schema}.open_partition (
      number smallint NOT NULL,
      opened_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
    `INSERT INTO ${schema}.open_partition (number) VALUES (1)`,
    ...partitioned(schema, "events", "run_id, number"),
    ...partitioned(schema, "journal", "run_id, epoch, kind, step, name, request, occurrence"),
  ],
};

function partitioned(schema: string, table: string, key: string): readonly string[] {
  const before = `${schema}.${table}_0`;
  const numbers = Array.from({ length: partitionCount }, (_, index) => index + 1);
  return [
    `ALTER TABLE ${schema}.${table} RENAME TO ${table}_0`,
    // With this check, it is attached without another scan of its rows.
    `ALTER TABLE ${before}
      ADD COLUMN partition smallint NOT NULL DEFAULT 0,
      ADD CONSTRAINT is_partition_0 CHECK (partition = 0)`,
    `CREATE TABLE ${schema}.${table} (LIKE ${before} INCLUDING DEFAULTS) PARTITION BY LIST (partition)`,
    `ALTER TABLE ${schema}.${table} ATTACH PARTITION ${before} FOR VALUES IN (0)`,
    `ALTER TABLE ${before} DROP CONSTRAINT is_partition_0`,
    ...numbers.map(
      (number) =>
        `CREATE TABLE ${schema}.${table}_${number}
          PARTITION OF ${schema}.${table} (PRIMARY KEY (${key})) FOR VALUES IN (${number})`,
    ),
  ];
}
