import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import {
  DatabaseError,
  isRightsError,
  type DatabaseInspection,
  type LibraryTables,
  type MigrationInfo,
} from "@orchestra/runtime";
import { messageOf } from "@orchestra/core/extend";
import { defineCheck, note, ok, skipped } from "../check.ts";
import type { DoctorContext } from "../doctor-context.ts";

const connection = defineCheck({
  id: "database/connection",
  title: "The database",
  needsNetwork: true,
  problems: {
    unreachable: {
      severity: "error",
      remedy:
        "Start PostgreSQL, or correct the host, the user and the password of DATABASE_URL; without DATABASE_URL an embedded database is used.",
    },
    damaged: {
      severity: "error",
      remedy:
        "Restore a backup of the folder of ORCHESTRA_HOME, or move the folder away: then a new embedded database is created.",
    },
    "no-privilege": {
      severity: "error",
      remedy:
        "Run `orchestra migrate` as a role that may create schemas, and give this role the right to use the tables; or let the owner of the database run GRANT CREATE ON DATABASE for this role.",
    },
    "read-only": {
      severity: "error",
      remedy:
        "Set DATABASE_URL to the primary server, or to all servers, with commas between their hosts: a replica cannot store runs.",
    },
    "not-writable": {
      severity: "error",
      remedy: "Set ORCHESTRA_HOME to a writable folder, or set DATABASE_URL.",
    },
  },
  run: async (context) => {
    if (await hasInvalidSettings(context))
      return skipped("Settings of the database are not valid.");
    let found: DatabaseInspection;
    try {
      found = await context.database();
    } catch (error) {
      const { databaseUrl } = (await context.settings()).runtime;
      const other = databaseUrl === undefined ? "damaged" : "unreachable";
      return [{ problem: isRightsError(error) ? "no-privilege" : other, ...describe(error) }];
    }
    if (found.state === "absent" && !(await canBeCreated(found.folder))) {
      const message = `The embedded database cannot be created in ${found.folder}.`;
      return [{ problem: "not-writable", message }];
    }
    if (found.state === "absent") {
      return note(`The embedded database in ${found.folder} is created when it is first needed.`);
    }
    if (found.state === "in-use") {
      return ok(`The embedded database is in use by process ${found.processId}.`);
    }
    if (found.isReadOnly) {
      return [{ problem: "read-only", message: "The database is read-only." }];
    }
    const lacksTables = found.pending.length > 0 || found.libraries.some(isLacking);
    if (lacksTables && !found.canCreate) {
      const message = `Tables are missing, and the role ${found.role} may not create schemas in the database.`;
      return [{ problem: "no-privilege", message }];
    }
    const { version, folder } = found;
    if (folder === undefined) return ok(`PostgreSQL ${version} answers.`);
    return ok(`The embedded database in ${folder} answers (PostgreSQL ${version}).`);
  },
});

const migrations = defineCheck({
  id: "database/migrations",
  title: "Tables of the database",
  needsNetwork: true,
  problems: {
    newer: {
      severity: "error",
      remedy:
        "Update the @orchestra packages: a newer version has changed the tables in a way that this one cannot work with.",
    },
    pending: {
      severity: "note",
      remedy:
        "Nothing has to be done: the next worker or run changes the tables, as `orchestra migrate` does. Before a breaking migration, stop workers of older versions.",
    },
  },
  run: async (context) => {
    if (await hasInvalidSettings(context))
      return skipped("Settings of the database are not valid.");
    const found = await context.database().catch(() => undefined);
    if (found?.state === "absent") return skipped("The database does not exist yet.");
    if (found?.state !== "open") return skipped("The database cannot be read now.");
    const breaking = found.newer.filter(({ isBreaking }) => isBreaking);
    if (breaking.length > 0) {
      const ids = breaking.map(({ id }) => id).join(", ");
      const message = `The database has breaking migrations that this version does not know: ${ids}.`;
      return [{ problem: "newer", message }];
    }
    if (found.isEmpty) return note("The tables are created when the database is first used.");
    const missing = [
      ...found.pending.map(nameOf),
      ...found.libraries.filter(isLacking).map(nameOfLibrary),
    ];
    if (missing.length > 0) {
      const names = missing.join(", ");
      const message = `The tables are those of an older version; missing: ${names}.`;
      return [{ problem: "pending", message }];
    }
    if (found.newer.length > 0) {
      return ok("The tables are those of a newer version, and this one can work with them.");
    }
    return ok("The tables are those of this version.");
  },
});

function isLacking({ state }: LibraryTables): boolean {
  return state !== "current";
}

function nameOfLibrary({ name, library }: LibraryTables): string {
  return `${name} (${library})`;
}

function nameOf({ name, isBreaking }: MigrationInfo): string {
  return isBreaking ? `${name} (breaking)` : name;
}

/** Whether files can be created in this folder. If it does not exist, its nearest parent must be writable. */
async function canBeCreated(folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const stats = await stat(path).catch(() => undefined);
    if (!stats && path !== dirname(path)) continue;
    if (!stats?.isDirectory()) return false;
    return access(path, constants.W_OK).then(
      () => true,
      () => false,
    );
  }
}

/** The message of an error. Its own advice, if it has one, replaces the remedy of the problem. */
function describe(error: unknown): { readonly message: string; readonly remedy?: string } {
  if (!DatabaseError.isInstance(error)) return { message: messageOf(error) };
  const { problem, advice } = error;
  return { message: `${problem}.`, ...(advice === undefined ? {} : { remedy: advice }) };
}

async function hasInvalidSettings({ settings }: DoctorContext): Promise<boolean> {
  const { problems } = await settings();
  return problems.some(({ variable }) => /^(DATABASE_URL|ORCHESTRA_)/.test(variable));
}

export const databaseChecks = [connection, migrations];
