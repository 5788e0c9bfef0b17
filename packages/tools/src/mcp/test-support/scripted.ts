import { fileURLToPath } from "node:url";
import type { McpServerConfig } from "../index.ts";
import type { Script } from "../__fixtures__/scripted-server.ts";

const file = fileURLToPath(new URL("../__fixtures__/scripted-server.ts", import.meta.url));

/** A secret that the servers of the tests get, and repeat. */
export const token = "tok-3mVq7Zx";

/** A config of one scripted server. */
export function scripted(script: Script = {}, others: McpServerConfig = {}) {
  const server: McpServerConfig = {
    command: process.execPath,
    args: [file, JSON.stringify(script)],
    env: { TOKEN: token },
    ...others,
  };
  return { mcpServers: { scripted: server } };
}
