import type { Command } from "commander";
import { text } from "../arguments.ts";
import { helpText } from "../terminal/help.ts";
import type { CommandContext } from "../command-context.ts";
import type { InitOptions } from "./write-project.ts";

export function addInitCommand(program: Command, context: CommandContext): void {
  program
    .command("init")
    .description("Writes a small project: a config, a role, a script and a test.")
    .argument("[folder]", "folder of the project", ".")
    .option("--force", "write into a folder with files, and replace files of the same names")
    .option("--from <folder>", "take the packages from a clone or their tarballs", text("a folder"))
    .addHelpText("after", helpText(help))
    .action(async (folder: string, options: InitOptions) => {
      const { writeProject } = await import("./write-project.ts");
      await writeProject(folder, options, context);
    });
}

const help = `
The folder must be empty or new. In a clone of the repository the project uses the packages of the
clone. Elsewhere it uses those on npm, in the version of this command.

Examples
  orchestra init my-project
  orchestra init my-project --from ../orchestra/packed

Exit codes
  0  done
  1  a file could not be written
  2  wrong usage; the folder is not empty; the packages are not on npm`;
