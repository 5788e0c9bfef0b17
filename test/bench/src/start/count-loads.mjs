/**
 * Imported before a program of this folder: writes a line of JSON at its end, with the address and the
 * size in bytes of every file that it has loaded. `BUILT_CORE` is the address of the core that it loads.
 */
import { writeSync } from "node:fs";
import { registerHooks } from "node:module";

const { BUILT_CORE } = process.env;
const loads = [];

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === "@orchestra/core" ? BUILT_CORE : specifier, context),
  load(url, context, next) {
    const loaded = next(url, context);
    if (url.startsWith("file:")) loads.push({ url, bytes: loaded.source?.length ?? 0 });
    return loaded;
  },
});

process.on("exit", () => writeSync(1, `\n${JSON.stringify(loads)}`));
