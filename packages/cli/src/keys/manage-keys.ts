import { escapeControls } from "@orchestra/core";
import type { ApiKey, ApiKeys, KeyScope } from "@orchestra/runtime";
import { prepareRuns } from "../runs/open-runs.ts";
import type { Output, Surroundings } from "../surroundings.ts";
import { formatUsd } from "../terminal/amounts.ts";
import { widthOf, wrap, wrapIndented } from "../terminal/wrap.ts";

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

/** @throws {KeyError} for a name that is in use */
export async function createKey(
  name: string,
  options: CreateKeyCommandOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { scope, rate, role, model, expires, usdPerDay, usdPerMonth, usdTotal } = options;
  const { secret, ...key } = await withKeys(options, surroundings, (keys) =>
    keys.create({
      name,
      scopes: scope,
      requestsPerMinute: rate,
      budget: { usdPerDay, usdPerMonth, usdTotal },
      roles: role,
      models: model,
      expiresAt: expires,
    }),
  );
  const { stdout, stderr } = surroundings;
  if (options.json) {
    stdout.write(`${JSON.stringify({ ...key, secret }, null, 2)}\n`);
    return;
  }
  stdout.write(`${secret}\n`);
  stderr.write("Keep it: it is not shown again.\n");
}

export async function listKeys(options: KeysOptions, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr } = surroundings;
  const keys = await withKeys(options, surroundings, (of) => of.list());
  if (options.json) stdout.write(`${JSON.stringify(keys, null, 2)}\n`);
  else for (const key of keys) printKey(key, stdout);
  if (keys.length === 0) stderr.write("There are no keys.\n");
}

/** @throws {KeyError} for a key that there is not */
export async function revokeKey(
  named: string,
  options: KeysOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr } = surroundings;
  const key = await withKeys(options, surroundings, (keys) => keys.revoke(named));
  if (options.json) stdout.write(`${JSON.stringify(key, null, 2)}\n`);
  else stderr.write(`Revoked ${escapeControls(key.name)}.\n`);
}

async function withKeys<T>(
  { config }: KeysOptions,
  surroundings: Surroundings,
  work: (keys: ApiKeys) => Promise<T>,
): Promise<T> {
  const prepared = await prepareRuns({ config }, surroundings);
  await using opened = await prepared.open();
  return await work(opened.runtime.keys);
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
