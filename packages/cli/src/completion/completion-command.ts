import { Argument, type Command } from "commander";
import { helpText } from "../terminal/help.ts";
import { choice } from "../arguments.ts";

const shells = ["bash", "zsh", "fish"] as const;

/**
 * Adds `completion`, which prints the script for a shell, and the hidden `complete`, which that script
 * asks at each press of the tab key.
 *
 * @param createProgram - Makes the program again, for its commands and options to be read.
 */
export function addCompletionCommand(program: Command, createProgram: () => Command): void {
  program
    .command("completion")
    .description("Prints the script that completes commands and options in a shell.")
    .addArgument(
      new Argument("<shell>", `one of ${shells.join(", ")}`).argParser(choice(...shells)),
    )
    .addHelpText("after", helpText(help))
    .action((shell: string) => complete(createProgram, ["completion", shell]));
  program
    .command("complete", { hidden: true })
    .allowUnknownOption()
    .argument("[words...]")
    .action((words: readonly string[]) => complete(createProgram, ["complete", "--", ...words]));
}

async function complete(createProgram: () => Command, args: readonly string[]): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  const program = createProgram();
  tab(program, { completionCommandName: "completion" });
  await program.parseAsync(args, { from: "user" });
}

const help = `
Examples
  source <(orchestra completion bash)             # in ~/.bashrc
  source <(orchestra completion zsh)              # in ~/.zshrc
  orchestra completion fish > ~/.config/fish/completions/orchestra.fish

Exit codes
  0  done
  2  wrong usage`;
