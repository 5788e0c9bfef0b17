import { defineConfig } from "vitest/config";

/** Workspace packages are tested from their sources, unbuilt. */
const conditions = ["@orchestra/source"];
const sources = {
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
};

const everywhere = {
  exclude: ["**/node_modules/**", "**/dist/**"],
  setupFiles: ["./test/runner/seed-properties.ts"],
  testTimeout: 60_000,
  // A busy machine takes its time; what is polled for comes sooner where it can.
  expect: { poll: { timeout: 10_000 } },
};

/** What talks to a database: a server is started for it, once. */
const onDatabases = ["packages/{runtime,cli}/**/*.test.ts", "test/durable/**/*.test.ts"];

export default defineConfig({
  test: {
    reporters: ["default", "./test/runner/closing-line.ts"],
    projects: [
      {
        ...sources,
        test: {
          ...everywhere,
          name: "units",
          include: ["{packages,apps,test}/**/*.test.ts"],
          exclude: [...everywhere.exclude, ...onDatabases],
        },
      },
      {
        ...sources,
        test: {
          ...everywhere,
          name: "databases",
          include: onDatabases,
          globalSetup: ["./packages/runtime/src/test-support/global-setup.ts"],
        },
      },
    ],
  },
});
