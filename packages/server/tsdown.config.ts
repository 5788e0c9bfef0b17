import { defineConfig } from "tsdown";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    settings: "src/server-settings.ts",
    tracing: "src/tracing/index.ts",
  },
  platform: "node",
  fixedExtension: false,
  tsconfig: "tsconfig.build.json",
  dts: true,
});
