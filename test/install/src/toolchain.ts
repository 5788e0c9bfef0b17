import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** The environment of a user: nothing of this process, which pnpm has started, but the way to the registry. */
function userEnvironment(bins: readonly string[]): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(HOME|TMPDIR|(https?|no)_proxy|NODE_EXTRA_CA_CERTS|npm_config_(registry|cafile|store_dir))$/i.test(
      name,
    ),
  );
  const path = [...bins, process.env["PATH"] ?? ""].join(":");
  return { ...Object.fromEntries(kept), PATH: path, CI: "1" };
}

export interface Toolchain {
  /** Folder with `node`. */
  readonly nodeBin: string;
  /** Environment in which `node`, `npm` and `pnpm` are the ones of this toolchain. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A version of Node.js from the npm package `node`, and the package managers.
 *
 * @param folder - Where they are kept, for the next time too.
 */
export async function toolchain(folder: string, node: string): Promise<Toolchain> {
  const managers = join(folder, "managers");
  await install(managers, { npm: "11", pnpm: "12" });
  const nodeFolder = join(folder, `node-${node}`);
  await install(nodeFolder, { node });
  const nodeBin = join(nodeFolder, "node_modules/node/bin");
  return { nodeBin, env: userEnvironment([nodeBin, join(managers, "node_modules/.bin")]) };
}

const installed = new Map<string, Promise<unknown>>();

function install(folder: string, dependencies: Readonly<Record<string, string>>): Promise<unknown> {
  const existing = installed.get(folder);
  if (existing) return existing;
  const installing = (async () => {
    await mkdir(folder, { recursive: true });
    // The package `node` links its program by a script.
    const allowScripts = Object.fromEntries(Object.keys(dependencies).map((name) => [name, true]));
    const project = { private: true, dependencies, allowScripts };
    await writeFile(join(folder, "package.json"), JSON.stringify(project));
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], {
      cwd: folder,
      env: userEnvironment([]),
    });
  })();
  installed.set(folder, installing);
  return installing;
}
