import { setInterval as every } from "node:timers/promises";

const intervalMs = 500;

/**
 * Resolves when the process that started this one has ended, if that is npm, npx or pnpm, because they do not
 * pass SIGTERM on. A sandbox that a shell started may outlive the shell.
 */
export async function orphaned(
  environment: Readonly<Record<string, string | undefined>>,
  parent: () => number = () => process.ppid,
): Promise<void> {
  const isByPackageManager = environment["npm_config_user_agent"] !== undefined;
  if (!isByPackageManager) return new Promise(() => undefined);
  const first = parent();
  for await (const _ of every(intervalMs, undefined, { ref: false })) {
    if (parent() !== first) return;
  }
}
