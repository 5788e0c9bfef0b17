import { checkInput } from "@orchestra/core/extend";
import type { McpConfig } from "./config/mcp-config.ts";
import { readConfig } from "./config/read-config.ts";
import { configSchema } from "./config/config-schema.ts";
import { optionsSchema, resolveOptions, type McpOptions } from "./options.ts";

/**
 * Checks the config of MCP servers, as `openMcpServers()` does before it starts them. Nothing is started.
 *
 * @returns the names of the servers
 * @throws {McpServerError} with the reason `invalid_config`
 * @throws {ArgumentError} for arguments of the wrong type
 */
export async function checkMcpConfig(
  config: string | URL | McpConfig,
  options: Pick<McpOptions, "environment"> = {},
): Promise<readonly string[]> {
  checkInput(configSchema, config, "checkMcpConfig()", "config");
  checkInput(optionsSchema, options, "checkMcpConfig()");
  const servers = await readConfig(config, resolveOptions(options).environment);
  return servers.map(({ name }) => name);
}
