import type { Command } from "commander";
import { helpText } from "../terminal/help.ts";
import type { Surroundings } from "../surroundings.ts";
import type { InitOptions } from "./write-project.ts";

export function addInitCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("init")
    .description("Writes a small project: a config, a role of its own, and a script.")
    .argument("[folder]", "where to", ".")
    .option("--force", "replace files that are there")
    .addHelpText("after", helpText(help))
    .action(async (folder: string, options: InitOptions) => {
      const { writeProject } = await import("./write-project.ts");
      await writeProject(folder, options, surroundings);
    });
}

const help = `
Files that are there already are kept.

Examples
  orchestra init my-project
  orchestra init --force

Exit codes
  0  done
  1  a file could not be written
  2  wrong usage`;
