import { defineConfig } from "tsdown";
import { base } from "../../tsdown.base.ts";

export default defineConfig({
  ...base,
  entry: [
    "src/index.ts",
    "src/check-node.ts",
    "src/extend.ts",
    "src/gateway.ts",
    "src/pipelines/index.ts",
    "src/resilience/limits.ts",
    "src/testing/conformance.ts",
    "src/testing/index.ts",
  ],
});
