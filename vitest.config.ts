import { defineConfig } from "vitest/config";
import { suite } from "./test/runner/suite.ts";

export default defineConfig(
  suite({ pace: "quick", ending: ".test.ts", exclude: ["**/*.long.test.ts"] }),
);
