import { readFile } from "node:fs/promises";
import { invalidConfig, resolveConfig } from "./resolve-config.ts";
import type { McpConfig, ResolvedServer } from "./mcp-config.ts";

/**
 * The servers of a config, or of a file with one.
 *
 * @throws {McpServerError} with the reason `invalid_config`
 */
export async function readConfig(
  config: string | URL | McpConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ResolvedServer[]> {
  if (typeof config !== "string" && !(config instanceof URL)) {
    return resolveConfig(config, "config", environment);
  }
  const where = String(config);
  return resolveConfig(parse(await read(config, where), where), where, environment);
}

async function read(file: string | URL, where: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/^\ufeff/, "");
  } catch (cause) {
    const { code } = cause as { readonly code?: string };
    const problem = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw invalidConfig(where, `${problem}. Give the path of a JSON file with mcpServers`, cause);
  }
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text around the mistake, which may contain a key.
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const before = text.slice(0, Number(position ?? text.length)).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw invalidConfig(
      where,
      `it is not JSON (${place}). Comments and commas after the last entry are not JSON`,
    );
  }
}
