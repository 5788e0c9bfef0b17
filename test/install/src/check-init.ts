import { join } from "node:path";
import type { InstallCase } from "./cases.ts";
import { oldestNode } from "./oldest-node.ts";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

/** Lets the installed command write a project, and uses this as its README says. */
export async function checkInit(
  folder: string,
  packed: string,
  { manager, node }: InstallCase,
  { env: base }: Toolchain,
  sandboxUrl: string,
): Promise<void> {
  const command = join(folder, "node_modules/.bin/orchestra");
  await run(command, ["init", "mine", "--from", packed], { cwd: folder, env: base });
  const project = { cwd: join(folder, "mine"), env: base };
  await run(manager, ["install", "--prefer-offline"], project);
  await run("npx", ["tsc", "--noEmit"], project);
  await run("npm", ["test"], project);
  const env = { ...base, OPENROUTER_API_KEY: "sk-or-v1-install", OPENROUTER_BASE_URL: sandboxUrl };
  const { stdout } = await run("npm", ["start", "--silent"], { ...project, env });
  if (stdout.trim() === "") throw new Error(`npm start printed nothing in ${project.cwd}`);
  // The scripts run TypeScript on the oldest Node.js too; the command has to be told to.
  const isOldest = node.startsWith(oldestNode);
  const options = isOldest ? { NODE_OPTIONS: "--experimental-strip-types" } : {};
  const ran = await run("npx", ["orchestra", "run", "Explain what a tower is"], {
    ...project,
    env: { ...env, ...options },
  });
  if (ran.stdout.trim() === "") throw new Error(`orchestra run printed nothing: ${ran.output}`);
}
