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
  // Editors read the documentation in the declarations. In the code it costs each process that imports
  // the package memory and time.
  outputOptions: { comments: { legal: true, annotation: true, jsdoc: false } },
});
