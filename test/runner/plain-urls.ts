import { registerHooks } from "node:module";

let isRegistered = false;

/**
 * Test files under their plain names: Vitest imports each under a new URL, for which Node.js would keep
 * another entry in its compile cache in every run, and which stacks would show. To watch files, the new
 * URLs are needed.
 */
export function usePlainUrls(): void {
  if (isRegistered || process.env["VITEST_MODE"] === "WATCH") return;
  isRegistered = true;
  registerHooks({
    resolve: (specifier, context, next) => next(specifier.replace(/%3Fvitest=\d+$/, ""), context),
  });
}
