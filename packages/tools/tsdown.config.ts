import { defineConfig } from "tsdown";
import { base } from "../../tsdown.base.ts";

export default defineConfig({
  ...base,
  entry: [
    "src/artifacts/index.ts",
    "src/documents/index.ts",
    "src/mcp/index.ts",
    // Each in a file of its own: one starts the other as a thread.
    "src/documents/reading/document-reader.ts",
    "src/documents/reading/read-worker.ts",
  ],
});
