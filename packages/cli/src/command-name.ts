import type { Environment } from "@orchestra/core";

/**
 * How the user starts this command, for command lines to copy. If npm or pnpm started it, by `npx` or as a script,
 * `orchestra` alone may not be on the path. Both set `npm_config_user_agent` for the processes that they start.
 */
export function commandName({
  npm_config_user_agent: packageManager,
  npm_lifecycle_event: script,
}: Environment): string {
  if (packageManager === undefined) return "orchestra";
  if (script !== "orchestra") return "npx @orchestra/cli";
  // The script of a clone, or of a project that `orchestra init` has linked to one.
  return packageManager.startsWith("pnpm/") ? "npx -y pnpm@12 orchestra" : "npm run orchestra --";
}
