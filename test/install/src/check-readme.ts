import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";
import type { Toolchain } from "./toolchain.ts";

/** The commands of the README that make a project, as it shows them. */
const commands = /^```bash\n(npx -y pnpm@12 pack:all\n.*?)^```$/ms;
const program = /Save this as `([^`]+)`.*?^```ts\n(.*?)^```\n\n^```\n(.*?)^```$/ms;

/**
 * Makes a project by the README's commands, in a folder of its own, and runs its program there.
 *
 * @throws if a command fails, or the program prints something else than the README shows
 */
export async function checkReadme(root: string, work: string, { env }: Toolchain): Promise<void> {
  const page = await readFile(join(root, "README.md"), "utf8");
  const script = commands.exec(page)?.[1];
  const [, file = "", code = "", output = ""] = program.exec(page) ?? [];
  if (script === undefined || file === "") throw new Error("The README has no commands to check");
  await mkdir(work, { recursive: true });
  const project = join(work, "my-project");
  const here = script.replaceAll("../my-project", project).replaceAll("../orchestra", root);
  await run("sh", ["-ec", here], { cwd: root, env });
  await writeFile(join(project, file), code);
  const { stdout } = await run("node", [file], { cwd: project, env });
  if (stdout !== output) throw new Error(`${file} of the README printed:\n${stdout}`);
}
