import type { Environment } from "@orchestra/core";

/**
 * How this command is called, for command lines that a user copies. npm and pnpm set a variable for what
 * they start, by `npx` or as a script: `orchestra` alone is then not on the path.
 */
export function commandName({
  npm_config_user_agent: packageManager,
  npm_lifecycle_event: script,
}: Environment): string {
  if (packageManager === undefined) return "orchestra";
  const isInClone = packageManager.startsWith("pnpm/") && script === "orchestra";
  return isInClone ? "npx -y pnpm@12 orchestra" : "npx @orchestra/cli";
}
