import { defineConfig } from "vitest/config";

/** Workspace packages are tested from their sources, unbuilt. */
const conditions = ["@orchestra/source"];

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
  test: {
    include: ["{packages,apps,test}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    reporters: ["default", "./test/runner/closing-line.ts"],
    setupFiles: ["./test/runner/seed-properties.ts"],
    testTimeout: 20_000,
  },
});
