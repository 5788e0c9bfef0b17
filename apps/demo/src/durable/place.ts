import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "@orchestra/core";
import { fromUsersFolder } from "../folders.ts";
import { valueOf } from "../value-of.ts";

/** Where durable runs are stored. */
export interface Place {
  /** A sentence that names the place. */
  readonly notice: string;
  /** The schema of the tables. */
  readonly schema: string;
  /** The variables that the worker needs for it. */
  readonly environment: Environment;
}

/** Separate from the runtime's default schema: workers of other programs do not know the demo's pipeline. */
const defaultSchema = "orchestra_demo";

/** The database of `DATABASE_URL`, else an embedded one in `ORCHESTRA_HOME`. */
export async function findPlace(environment: NodeJS.ProcessEnv): Promise<Place> {
  const schema = valueOf(environment, "ORCHESTRA_DATABASE_SCHEMA") ?? defaultSchema;
  const own = { ORCHESTRA_DATABASE_SCHEMA: schema };
  const url = valueOf(environment, "DATABASE_URL");
  if (url !== undefined) {
    return { notice: `The run is kept in ${nameOf(url)}.`, schema, environment: own };
  }
  const home = valueOf(environment, "ORCHESTRA_HOME") ?? ".orchestra";
  const folder = fromUsersFolder(home, environment);
  const isThere = await stat(join(folder, "database")).catch(() => undefined);
  return {
    notice: isThere
      ? `The run is kept in the embedded database in ${folder}.`
      : `Creating an embedded database in ${folder}, which takes some seconds the first time.`,
    schema,
    environment: { ...own, ORCHESTRA_HOME: folder },
  };
}

/** The command that shows the calls, steps and workers of a run. */
export function traceCommand(runId: string, { schema }: Place): string {
  return `ORCHESTRA_DATABASE_SCHEMA=${schema} npx -y pnpm@12 orchestra runs trace ${runId}`;
}

/** The URL without the user and the password. */
function nameOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `the database ${parsed.host}${parsed.pathname}` : "the database of DATABASE_URL";
}
