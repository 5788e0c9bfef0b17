import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts", "src/main.ts", "src/check-node.ts"],
  platform: "node",
  fixedExtension: false,
  dts: true,
});
