import type { StructuredToolInterface } from "@langchain/core/tools";
import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import { ArgumentError, checkInput } from "@orchestra/core/extend";
import { configSchema } from "./config/config-schema.ts";
import type { McpConfig } from "./config/mcp-config.ts";
import { readConfig } from "./config/read-config.ts";
import { McpServerError } from "./mcp-server-error.ts";
import { optionsSchema, resolveOptions, type McpOptions } from "./options.ts";
import { checkPins } from "./pins/check-pins.ts";
import type { McpPins } from "./pins/pins.ts";
import { McpServer } from "./server/mcp-server.ts";
import { langchainTools } from "./tools/langchain-tools.ts";
import { plainName, toolNames } from "./tools/tool-names.ts";

/** Running servers, and their tools. */
export interface McpServers extends AsyncDisposable {
  /** The tools of all servers, named `server__tool`. */
  readonly tools: StructuredToolInterface[];
  /** The servers' names in the config. */
  readonly names: readonly string[];
  /** The pins of the tools, for `pins` the next time. */
  readonly pins: McpPins;
  /** The tools of one server. */
  toolsOf(server: string): StructuredToolInterface[];
  /** Ends the servers, and all processes that they started. Resolves when they have ended; waiting calls fail. */
  close(): Promise<void>;
}

/**
 * Starts the MCP servers of a config, and creates LangChain tools from theirs.
 *
 * A server that ends is restarted; its calls fail at once until then. Idle servers that are processes
 * do not keep the program alive, and end with it.
 *
 * @param config - `{ mcpServers: { … } }` as in Claude Desktop, Cursor and VS Code, or the path
 * of a JSON file with it.
 * @throws {McpServerError} with the reason `invalid_config`, `start_failed` or `tools_changed`; all servers
 * are then stopped
 * @throws {ArgumentError} for options of the wrong type
 *
 * @example
 * ```ts
 * await using servers = await openMcpServers("mcp.json", { pins: "mcp.pins.json" });
 * const agent = orchestra.agent({ name: "clerk", system: "…", tools: servers.tools });
 * ```
 */
export async function openMcpServers(
  config: string | URL | McpConfig,
  options: McpOptions = {},
): Promise<McpServers> {
  const where = "openMcpServers()";
  checkInput(configSchema, config, where, "config");
  checkInput(optionsSchema, options, where);
  options.signal?.throwIfAborted();
  const resolved = resolveOptions(options);
  const found = await readConfig(config, resolved.environment);
  const servers = found.map((server) => new McpServer(server, resolved));
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    await startAll(servers, options.signal);
    const pins = await checkPins(servers, options);
    const byServer = await toolsByServer(servers);
    return {
      tools: [...byServer.values()].flat(),
      names: servers.map(({ name }) => name),
      pins,
      toolsOf: (name) => byServer.get(name) ?? noSuchServer(name, servers),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts all servers concurrently. If several fail, the error names each. */
async function startAll(
  servers: readonly McpServer[],
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const starts = await Promise.allSettled(servers.map((server) => server.start(signal)));
  signal.throwIfAborted();
  const errors = starts.flatMap((start) =>
    start.status === "rejected" ? [start.reason as Error] : [],
  );
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) {
    const text = errors.map(({ message }) => message).join("\n");
    throw new McpServerError(text, { reason: "start_failed" });
  }
}

async function toolsByServer(
  servers: readonly McpServer[],
): Promise<ReadonlyMap<string, StructuredToolInterface[]>> {
  const all = servers.flatMap((server) =>
    server.tools.map((definition) => ({
      server: server.name,
      tool: definition.name,
      definition,
    })),
  );
  const named = [...toolNames(all)];
  const entries = servers.map(async (server) => {
    const own = named
      .filter(([, tool]) => tool.server === server.name)
      .map(([name, { definition }]): [string, Tool] => [name, definition]);
    for (const [name, { name: tool }] of own) {
      if (name !== plainName({ server: server.name, tool })) server.rename(tool, name);
    }
    return [server.name, await langchainTools(server, new Map(own))] as const;
  });
  return new Map(await Promise.all(entries));
}

function noSuchServer(name: string, servers: readonly McpServer[]): never {
  const names = servers.map((server) => server.name).join(", ");
  throw ArgumentError.of("toolsOf(): server", name, `the name of a server: ${names}`);
}
