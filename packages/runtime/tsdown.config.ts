import { defineConfig, type Rolldown } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts"],
  platform: "node",
  fixedExtension: false,
  dts: true,
  // Editors read the documentation in the declarations. In the code it costs each process that imports
  // the package memory and time.
  outputOptions: { comments: { legal: true, annotation: true, jsdoc: false } },
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
