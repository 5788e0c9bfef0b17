import { z } from "zod";

export const expectedSchemaName =
  "lower-case letters, digits and _, 44 at most, beginning with a letter or _, and not with pg_";

/**
 * Name of the schema for the tables. The queue's schema is named after it, and pg-boss takes 50 characters.
 * PostgreSQL has schemas of its own.
 */
export const schemaName = z
  .string()
  .regex(/^(?!pg_|information_schema$)[a-z_][a-z0-9_]{0,43}$/, `must be of ${expectedSchemaName}`);
