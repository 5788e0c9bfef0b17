import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export { checkMcpConfig } from "./check-mcp-config.ts";
export type { McpConfig, McpServerConfig, McpTransportName } from "./config/mcp-config.ts";
export type { McpEvent, ToolChange } from "./mcp-event.ts";
export { McpServerError, type McpErrorReason } from "./mcp-server-error.ts";
export { openMcpServers, type McpServers } from "./open-mcp-servers.ts";
export type { McpOptions } from "./options.ts";
export type { McpPins, ServerPins, ToolPin } from "./pins/pins.ts";
