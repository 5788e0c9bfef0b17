import { escapeControls } from "@orchestra/core/extend";
import { Command } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addDoctorCommand } from "./doctor/index.ts";
import { addRunCommand } from "./runs/run-command.ts";
import { addRunsCommand } from "./runs/runs-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { addWorkerCommand } from "./worker/index.ts";

/** The command line as a whole. Throws where commander would end the process. */
export function createProgram(surroundings: Surroundings): Command {
  const { stdout, stderr } = surroundings;
  const program = new Command("orchestra")
    .description("Runs multi-agent pipelines durably.")
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      // What the user typed is in it.
      writeErr: (text) => stderr.write(escapeControls(text, "\n")),
    })
    .showHelpAfterError("Try --help.");
  addRunCommand(program, surroundings);
  addRunsCommand(program, surroundings);
  addDoctorCommand(program, surroundings);
  addWorkerCommand(program, surroundings);
  return program;
}
