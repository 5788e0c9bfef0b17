export { defineConfig, type OrchestraConfig } from "./config/index.ts";
