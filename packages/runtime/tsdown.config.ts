import { defineConfig, type Rolldown } from "tsdown";
import { base } from "../../tsdown.base.ts";

export default defineConfig({
  ...base,
  entry: ["src/index.ts"],
  // pglite-socket is bundled: as a dependency it brings eight extensions of PGlite along as its peers, and
  // asks for an exact version of PGlite.
  deps: { onlyBundle: ["@electric-sql/pglite-socket"] },
  copy: [
    {
      from: "node_modules/@electric-sql/pglite-socket/LICENSE",
      to: "dist",
      rename: "LICENSE-pglite-socket",
    },
  ],
  plugins: [
    ...base.plugins,
    { name: "typed-imports", generateBundle: (_, bundle) => Object.values(bundle).forEach(drop) },
  ],
});

/**
 * Drops imports without names from declarations. They mean nothing there, and TypeScript would check the
 * declarations of PGlite, which need those of Emscripten.
 */
function drop(file: Rolldown.OutputChunk | Rolldown.OutputAsset): void {
  if (file.type !== "chunk" || !file.fileName.endsWith(".d.ts")) return;
  file.code = file.code.replaceAll(/^import "[^"]+";\n/gm, "");
}
