import type { DynamicStructuredTool } from "@langchain/core/tools";
import { loadMcpTools } from "@langchain/mcp-adapters";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { CallToolResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import { escapeControls, quoted } from "@orchestra/core/extend";
import { McpServerError } from "../mcp-server-error.ts";
import type { McpServer } from "../server/mcp-server.ts";
import { readableResult } from "./readable-result.ts";

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** LangChain's adapter reports every error as one of its own, except those with this name. */
const adaptersName = "ToolException";

/**
 * LangChain tools for a server's tools. The adapter gets the checked list, and calls go to the
 * current process of the server.
 *
 * @param tools - By their names for models.
 */
export async function langchainTools(
  server: McpServer,
  tools: ReadonlyMap<string, Tool>,
): Promise<DynamicStructuredTool[]> {
  const loaded = [...tools].map(async ([name, tool]) => {
    try {
      return await langchainTool(server, name, tool);
    } catch (error) {
      server.skip(tool.name, `LangChain cannot load it: ${(error as Error).message}`);
      return [];
    }
  });
  return (await Promise.all(loaded)).flat();
}

async function langchainTool(
  server: McpServer,
  toolName: string,
  { name: ownName, description = "", inputSchema, annotations }: Tool,
): Promise<DynamicStructuredTool[]> {
  const client = {
    listTools: async () => ({
      tools: [
        {
          name: toolName,
          description: escapeControls(description, "\n"),
          inputSchema: structuredClone(inputSchema),
          annotations,
        },
      ],
    }),
    callTool: async (
      { arguments: args }: { name: string; arguments: Record<string, unknown> },
      _schema?: undefined,
      { signal }: CallOptions = {},
    ) => {
      try {
        return resultFor(server, ownName, await server.call(ownName, args, signal));
      } catch (cause) {
        throw Object.assign(new Error("", { cause }), { name: adaptersName });
      }
    },
  };
  const loaded = await loadMcpTools(server.name, client as unknown as Client, {
    outputHandling: { text: "content", image: "artifact", audio: "artifact", resource: "artifact" },
  });
  return loaded.map(withOwnErrors);
}

/** @throws {McpServerError} for a result that is an error */
function resultFor(server: McpServer, tool: string, result: CallToolResult): CallToolResult {
  const { text, files } = readableResult(result);
  if (!result.isError) return { content: [{ type: "text", text }, ...files] };
  throw new McpServerError(`The tool ${quoted(tool)} failed: ${server.clean(text)}`, {
    reason: "tool_failed",
    server: server.name,
    tool,
  });
}

function withOwnErrors(tool: DynamicStructuredTool): DynamicStructuredTool {
  const { func } = tool;
  tool.func = async (...args) => {
    try {
      return (await func(...args)) as unknown;
    } catch (error) {
      const { name, cause = error } = error as Error;
      throw name === adaptersName ? cause : error;
    }
  };
  return tool;
}
