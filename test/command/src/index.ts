import { Command, InvalidArgumentError } from "@commander-js/extra-typings";

export { Option } from "@commander-js/extra-typings";

/** A command for developers of Orchestra. Ends the process with 2 for a command line that makes no sense. */
export function createCommand(name: string, description: string) {
  return new Command(name)
    .description(description)
    .helpOption("--help", "this text")
    .showHelpAfterError("Try --help.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

export function wholeNumber(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("It takes a whole number greater than 0.");
}
