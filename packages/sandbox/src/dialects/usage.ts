import type { Dialect } from "./dialect.ts";
import { rewriteUsage } from "./rewrite.ts";

/** Ways to report usage, and not to. */
export const usageDialects: readonly Dialect[] = [
  {
    name: "usage-missing",
    description: "No usage, and no generation that could be asked for.",
    format: "openai",
    tells: "nothing",
    ...rewriteUsage(() => undefined),
  },
];
