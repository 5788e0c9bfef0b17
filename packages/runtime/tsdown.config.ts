import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/index.ts"],
  platform: "node",
  fixedExtension: false,
  dts: true,
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
});
