import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The program of a server's package, as its `bin` names it. */
export function programOf(name: string): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`@modelcontextprotocol/server-${name}/package.json`);
  const { bin } = require(manifest) as { readonly bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), Object.values(bin)[0] ?? "");
}
