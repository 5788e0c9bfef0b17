import { join, resolve } from "node:path";

/** The project's own documentation, wherever the demo is started from. */
export const defaultFolder = join(import.meta.dirname, "../../../docs");

/**
 * A path as the user meant it. pnpm runs scripts at the root of the workspace and says in
 * `INIT_CWD` where the user stood; a script of another name may have left it behind.
 */
export function fromUsersFolder(path: string, environment: NodeJS.ProcessEnv): string {
  const { INIT_CWD, npm_lifecycle_event } = environment;
  const isOurs = npm_lifecycle_event === "demo" && INIT_CWD !== undefined;
  return resolve(isOurs ? INIT_CWD : process.cwd(), path);
}
