import { escapeControls } from "@orchestra/core/gateway";
import type { ApiKey, KeyScope } from "@orchestra/runtime";
import { UsageError } from "../errors/usage-error.ts";
import { nearestRole } from "../nearest-role.ts";
import { prepareRuns, type PreparedRuns } from "../runs/open-runs.ts";
import type { Output, CommandContext } from "../command-context.ts";
import { formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap, wrapIndented, writeProse } from "../terminal/wrap.ts";

export interface KeysOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

export interface CreateKeyCommandOptions extends KeysOptions {
  readonly scope?: readonly KeyScope[] | undefined;
  readonly rate?: number | undefined;
  readonly usdPerDay?: number | undefined;
  readonly usdPerMonth?: number | undefined;
  readonly usdTotal?: number | undefined;
  readonly role?: readonly string[] | undefined;
  readonly model?: readonly string[] | undefined;
  readonly expires?: Date | undefined;
}

/**
 * Creates a key and prints it on standard output.
 *
 * @throws {KeyError} for a name that is in use
 */
export async function createKey(
  name: string,
  options: CreateKeyCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { scope, rate, role, model, expires, usdPerDay, usdPerMonth, usdTotal } = options;
  const prepared = await prepareRuns({ config: options.config }, context);
  await using opened = await prepared.open();
  const { secret, ...key } = await opened.runtime.keys.create({
    name,
    scopes: scope,
    requestsPerMinute: rate,
    budget: { usdPerDay, usdPerMonth, usdTotal },
    roles: role,
    models: model,
    expiresAt: expires,
  });
  const { stdout, stderr } = context;
  for (const warning of await roleWarnings(role, prepared)) writeProse(stderr, warning);
  if (options.json) {
    stdout.write(`${JSON.stringify({ ...key, secret }, null, 2)}\n`);
    return;
  }
  stdout.write(`${secret}\n`);
  stderr.write("Keep it: it is not shown again.\n");
  // The embedded database is open in this process, so no server has it open.
  if (opened.runtime.database.backend === "pglite") {
    writeProse(
      stderr,
      "A server that is running in this folder does not read the key: restart it.",
    );
  }
}

/** Warnings, not errors: servers with other configs, and so with other roles, may use the same database. */
async function roleWarnings(
  roles: readonly string[] = [],
  { settings, agentRoles }: PreparedRuns,
): Promise<readonly string[]> {
  if (roles.length === 0) return [];
  // To create agents, the settings of the models must be valid. To create a key, they need not.
  const ofAgents = await agentRoles().catch(() => []);
  return roles.flatMap((role) => {
    const near = nearestRole(role, settings, ofAgents);
    if (near === undefined) return [];
    return `--role has the role "${role}". Did you mean ${near}? Then revoke this key and create another one.`;
  });
}

/** Prints all keys without their secrets, the newest first. */
export async function listKeys(options: KeysOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, folder } = context;
  const prepared = await prepareRuns({ config: options.config }, context);
  await using opened = await prepared.openExisting();
  const keys = (await opened?.runtime.keys.list()) ?? [];
  if (options.json) stdout.write(`${JSON.stringify(keys, null, 2)}\n`);
  else for (const key of keys) printKey(key, stdout);
  if (keys.length > 0) return;
  const none = opened
    ? "There are no keys"
    : `There are no keys: none was created in ${folder} yet`;
  writeProse(
    stderr,
    escapeControls(`${none}. ${prepared.command("keys create NAME")} creates one.`),
  );
}

/**
 * Revokes a key.
 *
 * @param named - Name or id of the key.
 * @throws {KeyError} for a key that does not exist
 * @throws {UsageError} if the folder has no embedded database, so that no key was created in it
 */
export async function revokeKey(
  named: string,
  options: KeysOptions,
  context: CommandContext,
): Promise<void> {
  const { stdout, stderr, folder } = context;
  const prepared = await prepareRuns({ config: options.config }, context);
  await using opened = await prepared.openExisting();
  if (!opened) {
    throw new UsageError(
      `There is no key ${JSON.stringify(named)}: none was created in ${folder} yet. Change to the folder of the key, or set ORCHESTRA_HOME or DATABASE_URL as they were set for it.`,
    );
  }
  const key = await opened.runtime.keys.revoke(named);
  if (options.json) stdout.write(`${JSON.stringify(key, null, 2)}\n`);
  else stderr.write(`Revoked ${escapeControls(key.name)}.\n`);
}

function printKey(key: ApiKey, stdout: Output): void {
  const width = widthOf(stdout);
  const { id, name, ending, scopes, budget = {}, requestsPerMinute, roles, models } = key;
  const { usdPerDay, usdPerMonth, usdTotal } = budget;
  const about = [
    `…${ending}`,
    scopes.join(" "),
    requestsPerMinute === undefined ? "" : `${requestsPerMinute} requests a minute`,
    usdPerDay === undefined ? "" : `${formatUsd(usdPerDay)} a day`,
    usdPerMonth === undefined ? "" : `${formatUsd(usdPerMonth)} a month`,
    usdTotal === undefined ? "" : `${formatUsd(usdTotal)} in total`,
    roles ? `roles ${roles.join(" ")}` : "",
    models ? `models ${models.join(" ")}` : "",
    key.expiresAt === undefined ? "" : `until ${key.expiresAt.slice(0, 10)}`,
    key.revokedAt === undefined ? "" : `revoked ${key.revokedAt.slice(0, 10)}`,
  ];
  stdout.write(`${wrap(escapeControls(`${id}  ${name}`), width, "  ")}\n`);
  const line = about.filter((part) => part !== "").join(", ");
  stdout.write(`${wrapIndented(escapeControls(line), width)}\n`);
}
