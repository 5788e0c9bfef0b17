import { join } from "node:path";
import type { ViteUserConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

const root = join(import.meta.dirname, "../..");

// Dozens of processes that tests start, and the workers, compile the same files.
process.env["NODE_COMPILE_CACHE"] ??= join(root, "node_modules/.cache/node-compile");

export interface SuiteOptions {
  readonly pace: "quick" | "long";
  /** Ending of the names of its files. */
  readonly ending: string;
  readonly exclude?: readonly string[];
}

const openingLine = { quick: ["./test/runner/opening-line.ts"], long: [] };

/**
 * All tests of the workspace in files with a certain ending. They are one project: each has workers of its
 * own, which load the modules again.
 */
export function suite({ pace, ending, exclude = [] }: SuiteOptions): ViteUserConfig {
  return {
    test: {
      root,
      include: [`{packages,apps,test}/**/*${ending}`],
      exclude: ["**/node_modules/**", "**/dist/**", ...exclude],
      globalSetup: ["./packages/runtime/src/test-support/global-setup.ts"],
      setupFiles: ["./test/runner/setup.ts"],
      provide: { pace },
      // Files share the modules of their worker: to load them for each file takes longer than the tests.
      isolate: false,
      // Node.js loads the sources itself, unbuilt, as it does for users: Vite would transform each of them.
      experimental: { viteModuleRunner: false, nodeLoader: false },
      execArgv: ["--conditions=@orchestra/source"],
      // All of these only end what hangs: they are long enough for a machine that does much else.
      testTimeout: 240_000,
      hookTimeout: 240_000,
      expect: { poll: { timeout: 120_000 } },
      reporters: ["default", ...openingLine[pace], "./test/runner/closing-line.ts"],
      // Most tests wait for sockets, processes and databases, so that more run than there are cores. Each worker
      // loads the modules and opens a PGlite: more of them cost more than they gain.
      maxWorkers: 4,
      sequence: { sequencer: LongestFirst },
      teardownTimeout: 60_000,
    },
  };
}
