import { OrchestraError } from "@orchestra/core/extend";

/**
 * Why an MCP server could not be used:
 *
 * - `invalid_config`: the config names no server that could be started.
 * - `start_failed`: the server did not start, or offers no tools.
 * - `tools_changed`: a tool is not the one that was pinned.
 * - `server_down`: the server ended, and is not back yet.
 * - `call_timeout`: the server did not answer a call in time.
 * - `tool_failed`: the server answered a call with an error.
 * - `closed`: the servers were closed.
 */
export type McpErrorReason =
  | "invalid_config"
  | "start_failed"
  | "tools_changed"
  | "server_down"
  | "call_timeout"
  | "tool_failed"
  | "closed";

/**
 * An MCP server, or one of its tools, cannot be used. The message names the server, and is written
 * for the model too: an agent reports it as the tool's result. Values of the config's `env` and
 * `headers` that are secrets are in none.
 */
export class McpServerError extends OrchestraError {
  override readonly name = "McpServerError";
  readonly code = "mcp_error";
  readonly reason: McpErrorReason;
  /** The server's name in the config; `undefined` where several are concerned, or none. */
  readonly server: string | undefined;
  /** The tool's name, as the server calls it. */
  readonly tool: string | undefined;

  constructor(
    message: string,
    options: { reason: McpErrorReason; server?: string; tool?: string; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.reason = options.reason;
    this.server = options.server;
    this.tool = options.tool;
  }

  static override isInstance(error: unknown): error is McpServerError {
    return OrchestraError.isNamed(error, "McpServerError");
  }
}
