import { defineConfig } from "vitest/config";
import { suite } from "./test/runner/suite.ts";

/** `pnpm test:long`: what takes long by its nature, such as waiting for a lease of a killed process. */
export default defineConfig(suite({ pace: "long", ending: ".long.test.ts" }));
