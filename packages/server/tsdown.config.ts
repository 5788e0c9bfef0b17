import { defineConfig } from "tsdown";
import { base } from "../../tsdown.base.ts";

export default defineConfig({
  ...base,
  entry: {
    index: "src/index.ts",
    settings: "src/server-settings.ts",
    tracing: "src/tracing/index.ts",
  },
  tsconfig: "tsconfig.build.json",
});
