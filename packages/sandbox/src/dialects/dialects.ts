import { byteDialects } from "./bytes.ts";
import { contentDialects } from "./content.ts";
import type { Dialect } from "./dialect.ts";
import { formDialects } from "./forms.ts";
import { framingDialects } from "./framing.ts";
import { localServerDialects } from "./local-servers.ts";
import { providerDialects } from "./providers.ts";
import { refusalDialects } from "./refusals.ts";
import { toolDialects } from "./tools.ts";
import { usageDialects } from "./usage.ts";

/** Every dialect of the sandbox. */
export const DIALECTS: readonly Dialect[] = [
  ...localServerDialects,
  ...providerDialects,
  ...usageDialects,
  ...contentDialects,
  ...toolDialects,
  ...formDialects,
  ...framingDialects,
  ...byteDialects,
  ...refusalDialects,
];
