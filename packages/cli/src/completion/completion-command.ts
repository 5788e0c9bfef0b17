import { Argument, type Command } from "commander";
import { choice } from "../arguments.ts";
import type { CommandContext } from "../command-context.ts";
import { helpText } from "../terminal/help.ts";

const shells = ["bash", "zsh", "fish"] as const;

/**
 * Adds `completion`, which prints the script for a shell, and the hidden `complete`, which that script calls
 * each time the user presses the tab key.
 *
 * @param createProgram - Creates the program again; its commands and options are read from it.
 */
export function addCompletionCommand(
  program: Command,
  createProgram: () => Command,
  { stdout }: CommandContext,
): void {
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
    .action(async (words: readonly string[]) => {
      if (takesFile(createProgram(), words)) stdout.write(fileNames);
      else await complete(createProgram, ["complete", "--", ...words]);
    });
}

async function complete(createProgram: () => Command, args: readonly string[]): Promise<void> {
  const { default: tab } = await import("@bomb.sh/tab/commander");
  const program = createProgram();
  nameChoices(program);
  const completions = tab(program, { completionCommandName: "completion" });
  // Without this, the library suggests all shells that it supports itself.
  completions.commands.get("completion")?.argument("shell", (add) => {
    for (const shell of shells) add(shell, "");
  });
  await program.parseAsync(args, { from: "user" });
}

/** Sets the values that an option takes where the library reads them: it knows only those of `choices()`. */
function nameChoices(command: Command): void {
  for (const option of command.options) {
    const { words } = (option.parseArg ?? {}) as { readonly words?: readonly string[] };
    if (words) option.argChoices = [...words];
  }
  for (const each of command.commands) nameChoices(each);
}

/** Makes the shell complete names of files: no suggestions, and the directive 0, the default of shells. */
const fileNames = ":0\n";

/** Whether the last word is the value of an option that takes a file or a folder. */
function takesFile(program: Command, words: readonly string[]): boolean {
  let command = program;
  for (const word of words.slice(0, -1)) {
    command = command.commands.find((each) => each.name() === word) ?? command;
  }
  const option = command.options.find(({ long }) => long !== undefined && long === words.at(-2));
  return option !== undefined && /<(file|folder)>$/.test(option.flags);
}

const help = `
Examples
  source <(orchestra completion bash)             # in ~/.bashrc
  source <(orchestra completion zsh)              # in ~/.zshrc
  orchestra completion fish > ~/.config/fish/completions/orchestra.fish

Exit codes
  0  done
  2  wrong usage`;
