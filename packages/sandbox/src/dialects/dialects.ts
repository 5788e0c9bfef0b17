import { byteDialects } from "./bytes.ts";
import { contentDialects } from "./content.ts";
import type { Dialect } from "./dialect.ts";
import { toolDialects } from "./tools.ts";
import { usageDialects } from "./usage.ts";

/** Every dialect that the sandbox speaks. */
export const DIALECTS: readonly Dialect[] = [
  ...usageDialects,
  ...contentDialects,
  ...toolDialects,
  ...byteDialects,
];
