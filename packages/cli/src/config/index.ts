export { defineConfig, type OrchestraConfig } from "./config.ts";
export { ConfigError } from "./config-error.ts";
export { loadConfig, type LoadConfigOptions } from "./load-config.ts";
export { resolveConfigSettings } from "./settings.ts";
