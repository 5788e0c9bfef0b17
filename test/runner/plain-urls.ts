import { registerHooks, type ResolveHookContext } from "node:module";

let isRegistered = false;

/**
 * Test files under their plain names: Vitest imports each under a new URL, for which Node.js would keep
 * another entry in its compile cache in every run, and which stacks would show. To watch files, the new
 * URLs are needed, and the graph of modules.
 */
export function usePlainUrls(): void {
  if (isRegistered || process.env["VITEST_MODE"] === "WATCH") return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      resolveFile(specifier, context) ?? next(specifier.replace(/%3Fvitest=\d+$/, ""), context),
  });
}

/**
 * The file that a module imports by a relative path with its ending. Node.js and Vitest look at it several
 * times: of a worker's thousands of imports, that takes longer than to compile what is in them.
 */
function resolveFile(specifier: string, { conditions, parentURL }: ResolveHookContext) {
  const isFile = /^\.\.?\/.*\.(?:ts|js|mjs)$/.test(specifier);
  if (!isFile || !parentURL?.startsWith("file:") || !conditions.includes("import"))
    return undefined;
  return { url: new URL(specifier, parentURL).href, shortCircuit: true };
}
