import { defineConfig } from "tsdown";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/artifacts/index.ts",
    "src/documents/index.ts",
    "src/pipelines/index.ts",
    "src/resilience/limits.ts",
    "src/testing/index.ts",
  ],
  platform: "node",
  fixedExtension: false,
  dts: true,
});
