import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ResolvedConfig } from "./config.ts";
import { checkConfig } from "./check-config.ts";
import { ConfigError } from "./config-error.ts";
import { exampleConfig } from "./example.ts";
import { reasonOf } from "./reason-of.ts";

export interface LoadConfigOptions {
  /** The working folder. */
  readonly folder: string;
  /** The file, as the user named it. @defaultValue `orchestra.config.ts`, `.js` or `.mjs` in the folder */
  readonly path?: string | undefined;
}

const names = ["orchestra.config.ts", "orchestra.config.js", "orchestra.config.mjs"];

/**
 * Imports a config and checks what it exports.
 *
 * @throws {ConfigError} for a missing or invalid config
 */
export async function loadConfig({ folder, path }: LoadConfigOptions): Promise<ResolvedConfig> {
  const file = path === undefined ? await findIn(folder) : await named(resolve(folder, path));
  return checkConfig(await evaluate(file), basename(file));
}

/**
 * Like {@link loadConfig}, for commands that need no config.
 *
 * @returns a config without pipelines, if no path is given and the folder has no config
 * @throws {ConfigError} for an invalid config, and for a missing one if `path` is given
 */
export async function loadConfigOrEmpty(options: LoadConfigOptions): Promise<ResolvedConfig> {
  const { folder, path } = options;
  const hasConfig = path !== undefined || (await findConfig(folder)) !== undefined;
  return hasConfig ? loadConfig(options) : { pipelines: [] };
}

/**
 * Returns the path of the config in a folder; `undefined` if it has none.
 *
 * @throws {ConfigError} if the folder cannot be read
 */
export async function findConfig(folder: string): Promise<string | undefined> {
  for (const name of names) {
    const path = resolve(folder, name);
    if (await isFile(path)) return path;
  }
  return undefined;
}

async function findIn(folder: string): Promise<string> {
  const found = await findConfig(folder);
  if (found !== undefined) return found;
  throw new ConfigError(
    `There is no orchestra.config.ts, .js or .mjs in ${folder}; --config names a file elsewhere. A config lists the pipelines, for example:\n\n${exampleConfig}`,
  );
}

async function named(path: string): Promise<string> {
  if (await isFile(path)) return path;
  throw new ConfigError(`There is no file ${path} (--config). Check its path.`);
}

const missing: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR"]);

/** @throws {ConfigError} if the path cannot be read: the folder may have a config */
async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (missing.has(code)) return false;
    throw new ConfigError(`${path} cannot be read: ${message}. Make it readable for you.`, {
      cause: error,
    });
  }
}

/** Node.js 22.18 or newer imports TypeScript without a build. */
async function evaluate(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    throw new ConfigError(`${path} cannot be loaded: ${reasonOf(error, basename(path))}`, {
      cause: error,
    });
  }
}
