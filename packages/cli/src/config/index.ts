export { agentsOf, agentsOver } from "./agents-of.ts";
export {
  defineConfig,
  type ConfigAgent,
  type ResolvedConfig,
  type OrchestraConfig,
} from "./config.ts";
export { ConfigError } from "./config-error.ts";
export { findConfig, loadConfig, loadConfigIfAny } from "./load-config.ts";
export { resolveConfigSettings } from "./settings.ts";
