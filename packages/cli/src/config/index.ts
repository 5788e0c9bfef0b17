export { createAgents, inspectAgents } from "./create-agents.ts";
export {
  defineConfig,
  type ConfigAgent,
  type ResolvedConfig,
  type OrchestraConfig,
} from "./config.ts";
export { ConfigError } from "./config-error.ts";
export { findConfig, loadConfig, loadConfigOrEmpty } from "./load-config.ts";
export { resolveConfigSettings } from "./settings.ts";
