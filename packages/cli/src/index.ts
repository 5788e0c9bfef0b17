export { defineConfig, type OrchestraConfig, type ResolvedConfig } from "./config/index.ts";
