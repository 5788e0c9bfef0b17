import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { ownSchema } from "./own-schema.ts";
import { runHere } from "./run-here.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A project that `orchestra init` has written into this clone, with a sandbox and a schema. */
export interface InitializedProject extends AsyncDisposable {
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly environment: Readonly<Record<string, string>>;
}

export const explainTask = "Explain what a lighthouse is";

export async function initProject(): Promise<InitializedProject> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const place = stack.use(await temporaryFolder());
  const { code, stdout, stderr } = await runHere(["init", "My Project"], { folder: place.path });
  if (code !== 0 || !stdout.includes("wrote My Project/orchestra.config.ts")) {
    throw new Error(`orchestra init ended with ${code}: ${stdout}${stderr}`);
  }
  const folder = join(place.path, "My Project");
  // Links the package as an installation does.
  await mkdir(join(folder, "node_modules/@orchestra"), { recursive: true });
  const packageFolder = join(import.meta.dirname, "../..");
  await symlink(packageFolder, join(folder, "node_modules/@orchestra/cli"), "junction");

  const environment = {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    ...stack.use(ownSchema()).environment,
  };
  const all = stack.move();
  return {
    folder,
    sandbox,
    environment,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
