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
  const isInClone = packageManager.startsWith("pnpm/") && script === "orchestra";
  return isInClone ? "npx -y pnpm@12 orchestra" : "npx @orchestra/cli";
}
