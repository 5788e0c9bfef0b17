import { OrchestraError } from "@orchestra/core/extend";

/**
 * The reason why an MCP server could not be used:
 *
 * - `invalid_config`: the config is invalid.
 * - `start_failed`: the server did not start, or has no tools.
 * - `tools_changed`: a tool differs from its pin.
 * - `server_down`: the server ended, and has not restarted yet.
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
 * An MCP server, or one of its tools, cannot be used. The message names the server, and is also
 * for models: an agent reports it as the tool's result. It contains no secrets from the config's `env` and
 * `headers`.
 */
export class McpServerError extends OrchestraError {
  override readonly name = "McpServerError";
  readonly code = "mcp_error";
  readonly reason: McpErrorReason;
  /** The server's name in the config; `undefined` if several are affected, or none. */
  readonly server: string | undefined;
  /** The tool's name on the server. */
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
