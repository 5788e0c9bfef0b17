import type { Rolldown, UserConfig } from "tsdown";

/** What the builds of all packages have in common. */
export const base = {
  platform: "node",
  fixedExtension: false,
  dts: true,
  // Editors read the documentation in the declarations. In the code it costs each process that imports
  // the package memory and time.
  outputOptions: { comments: { legal: true, annotation: true, jsdoc: false } },
  plugins: [
    { name: "latin1", generateBundle: (_, bundle) => Object.values(bundle).forEach(toLatin1) },
  ] satisfies Rolldown.Plugin[],
} satisfies UserConfig;

/** V8 keeps a file in two bytes a character, and reads it slower, if one of them is not in Latin-1. */
function toLatin1(file: Rolldown.OutputChunk | Rolldown.OutputAsset): void {
  if (file.type !== "chunk" || !file.fileName.endsWith(".js")) return;
  file.code = file.code.replaceAll(
    /[\u0100-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
