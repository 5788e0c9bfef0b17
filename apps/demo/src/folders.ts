import { join, resolve } from "node:path";

/** The documentation of this project, independent of the working folder. */
export const defaultFolder = join(import.meta.dirname, "../../../docs");

/**
 * Resolves a path from the user's working folder. pnpm runs scripts in the root of the workspace, and sets `INIT_CWD`
 * to the user's folder. The variable may also be left over from another script.
 */
export function fromUsersFolder(path: string, environment: NodeJS.ProcessEnv): string {
  const { INIT_CWD, npm_lifecycle_event } = environment;
  const isOurs = npm_lifecycle_event === "demo" && INIT_CWD !== undefined;
  return resolve(isOurs ? INIT_CWD : process.cwd(), path);
}
